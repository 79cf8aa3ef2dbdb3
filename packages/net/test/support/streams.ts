import type { Stream } from '@lattice/net-types';

/** A stream that was already received: yields these chunks and then ends. */
export function receivedStream(chunks: readonly Uint8Array[]): Stream {
  let next = 0;
  return { ...inertStream, read: () => Promise.resolve(chunks[next++]) };
}

/** A stream that keeps each write. */
export function recordingStream(): { readonly stream: Stream; readonly writes: Uint8Array[] } {
  const writes: Uint8Array[] = [];
  const write = (bytes: Uint8Array) => {
    writes.push(bytes);
    return Promise.resolve();
  };
  return { stream: { ...inertStream, write }, writes };
}

const inertStream: Stream = {
  write: () => Promise.resolve(),
  finish: () => Promise.resolve(),
  read: () => Promise.resolve(undefined),
  reset: () => undefined,
};
