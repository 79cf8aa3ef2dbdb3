import type { Target } from './gen/lattice_pb.js';

/** One change for `Write`. Without a value: a delete. */
export interface WriteInput {
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
}

/** A message's worth: large enough that its round trip and its fsync weigh little, small enough to flow evenly. */
const operationsPerBatch = 256;
const bytesPerBatch = 128 * 1024;

/**
 * Packs changes into the request messages of `Write`. Each message is one batch, applied as a whole or not at all, so
 * where the batches end is this function's choice: callers that need certain changes together build their own messages.
 */
export async function* inBatches(
  writes: AsyncIterable<WriteInput>,
  target: Pick<Target, 'mesh' | 'store'>,
): AsyncGenerator<{ target: Pick<Target, 'mesh' | 'store'>; operations: WriteInput[] }> {
  let operations: WriteInput[] = [];
  let bytes = 0;
  for await (const write of writes) {
    const size = write.key.length + (write.value?.length ?? 0);
    if (operations.length === operationsPerBatch || (operations.length > 0 && bytes + size > bytesPerBatch)) {
      yield { target, operations };
      operations = [];
      bytes = 0;
    }
    operations.push(write);
    bytes += size;
  }
  if (operations.length > 0) yield { target, operations };
}
