import { decodeMessage, MalformedError, wire } from '@lattice/proto';

/** Whether what a node writes at once is a frame that pushes a new bundle. */
export function isPush(frame: Uint8Array): boolean {
  const body = bodyOf(frame);
  // Messages of a sync have the same numbers for other things: none of them begins with a store's id.
  return body?.case === 'push' && body.value.store.length === 32 && body.value.bundle.length > 0;
}

/** Whether it is one that says something of an overlay. */
export function isGossip(frame: Uint8Array): boolean {
  return bodyOf(frame)?.case === 'gossip';
}

function bodyOf(frame: Uint8Array): wire.ControlMessage['body'] | undefined {
  try {
    return decodeMessage(wire.ControlMessageSchema, frame.subarray(4)).body;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
