import { crc32 as plainCrc32 } from 'node:zlib';

/** From so many bytes on, the other one makes up for what calling it costs. */
const fastBytesMin = 4_096;

let fastCrc32: typeof plainCrc32 | undefined;
let isAsked = false;

/**
 * `crc32` of `node:zlib`, of large inputs with the processor's instructions for it: six times as fast. That code is loaded when
 * there first is something for it to do, until when, and where there is none for this machine, Node's own does it.
 */
export function crc32(bytes: Uint8Array, start = 0): number {
  if (bytes.length < fastBytesMin) return plainCrc32(bytes, start);
  if (!isAsked) void loadFastCrc32();
  return (fastCrc32 ?? plainCrc32)(bytes, start);
}

/** Resolves with whether there is one for this machine. */
export async function loadFastCrc32(): Promise<boolean> {
  isAsked = true;
  try {
    const { default: library } = await import('@node-rs/crc32');
    fastCrc32 = (bytes, start = 0) => library.crc32(bytes as Uint8Array, start);
    return true;
  } catch {
    return false;
  }
}
