import { decodeMessage, MalformedError, wire } from '@lattice/proto';

/** Whether what a node writes at once is a frame that pushes a new bundle. */
export function isPush(frame: Uint8Array): boolean {
  try {
    const { body } = decodeMessage(wire.ControlMessageSchema, frame.subarray(4));
    // Messages of a sync have the same numbers for other things: none of them begins with a store's id.
    return body.case === 'push' && body.value.store.length === 32 && body.value.bundle.length > 0;
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}
