const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb8_8320 : remainder >>> 1;
  return remainder;
});

/**
 * `crc32` of `node:zlib` over the four bytes of a number, big-endian: a call of that for so little costs six times as much,
 * and a search through damage does this at every step.
 */
export function crc32OfWord(word: number, start: number): number {
  let crc = ~start;
  for (let shift = 24; shift >= 0; shift -= 8)
    crc = (table[(crc ^ (word >>> shift)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}
