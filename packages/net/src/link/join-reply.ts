import { newMessage, wire } from '@lattice/proto';

/** What a joiner is told: the mesh's genesis, or why it is not let in. */
export function joinReply(outcome: Uint8Array | wire.JoinRefusal): wire.JoinReply {
  return newMessage(wire.JoinReplySchema, {
    outcome:
      typeof outcome === 'number' ? { case: 'refusal', value: outcome } : { case: 'genesis', value: outcome },
  });
}
