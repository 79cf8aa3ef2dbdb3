import { fromHex, type IdKey, idKey, parseNodeId, toHex } from '@lattice/model';
import { MalformedError, newMessage, wire } from '@lattice/proto';
import { broadcastIdBytes } from './broadcast-id.js';
import {
  type Announcement,
  announcementsMax,
  type BroadcastId,
  type GossipMessage,
  shuffleNodesMax,
} from './messages.js';

type Body = NonNullable<Parameters<typeof newMessage<typeof wire.GossipSchema>>[1]['body']>;

const nodeIdBytes = 32;

/** How a message is sent; the mesh's tag, which is another for each two nodes, is for whoever sends it. */
export function toWire(message: GossipMessage): wire.Gossip {
  return newMessage(wire.GossipSchema, { body: bodyOf(message) });
}

/** Throws `MalformedError` for what nobody sends; `undefined` for what is of a later version. */
export function fromWire({ body }: wire.Gossip): GossipMessage | undefined {
  switch (body.case) {
    case 'viewJoin':
      return { kind: 'join' };
    case 'forwardJoin':
      return { kind: 'forward-join', node: nodeOf(body.value.node), ttl: body.value.ttl };
    case 'neighbor':
      return { kind: 'neighbor', high: body.value.high };
    case 'neighborReply':
      return { kind: 'neighbor-reply', accepted: body.value.accepted };
    case 'disconnect':
      return { kind: 'disconnect' };
    case 'shuffle': {
      const { origin, ttl, nodes } = body.value;
      return { kind: 'shuffle', origin: nodeOf(origin), ttl, nodes: nodesOf(nodes) };
    }
    case 'shuffleReply':
      return { kind: 'shuffle-reply', nodes: nodesOf(body.value.nodes) };
    case 'iHave':
      return { kind: 'i-have', announcements: announcementsOf(body.value) };
    case 'graft':
      return graftOf(body.value.id);
    case 'prune':
      return { kind: 'prune' };
    case undefined:
      return undefined;
  }
}

function bodyOf(message: GossipMessage): Body {
  switch (message.kind) {
    case 'join':
      return { case: 'viewJoin', value: {} };
    case 'forward-join':
      return { case: 'forwardJoin', value: { node: fromHex(message.node), ttl: message.ttl } };
    case 'neighbor':
      return { case: 'neighbor', value: { high: message.high } };
    case 'neighbor-reply':
      return { case: 'neighborReply', value: { accepted: message.accepted } };
    case 'disconnect':
      return { case: 'disconnect', value: {} };
    case 'shuffle': {
      const { origin, ttl, nodes } = message;
      return { case: 'shuffle', value: { origin: fromHex(origin), ttl, nodes: nodes.map(fromHex) } };
    }
    case 'shuffle-reply':
      return { case: 'shuffleReply', value: { nodes: message.nodes.map(fromHex) } };
    case 'i-have': {
      const ids = fromHex(message.announcements.map(({ id }) => id).join(''));
      return { case: 'iHave', value: { ids, rounds: message.announcements.map(({ round }) => round) } };
    }
    case 'graft':
      return { case: 'graft', value: { id: fromHex(message.id ?? '') } };
    case 'prune':
      return { case: 'prune', value: {} };
  }
}

function nodeOf(bytes: Uint8Array): IdKey {
  if (bytes.length !== nodeIdBytes) throw new MalformedError('a node id has the wrong length');
  return idKey(parseNodeId(bytes));
}

function nodesOf(nodes: readonly Uint8Array[]): readonly IdKey[] {
  if (nodes.length > shuffleNodesMax)
    throw new MalformedError(`a shuffle names over ${shuffleNodesMax} nodes`);
  return nodes.map(nodeOf);
}

function announcementsOf({ ids, rounds }: wire.IHave): readonly Announcement[] {
  if (rounds.length > announcementsMax || ids.length !== rounds.length * broadcastIdBytes)
    throw new MalformedError('announcements are too many, or not in step with their rounds');
  return rounds.map((round, i) => ({ id: idAt(ids, i * broadcastIdBytes), round }));
}

function graftOf(id: Uint8Array): GossipMessage {
  if (id.length === 0) return { kind: 'graft' };
  if (id.length !== broadcastIdBytes) throw new MalformedError('a broadcast id has the wrong length');
  return { kind: 'graft', id: idAt(id, 0) };
}

function idAt(bytes: Uint8Array, at: number): BroadcastId {
  return toHex(bytes.subarray(at, at + broadcastIdBytes)) as BroadcastId;
}
