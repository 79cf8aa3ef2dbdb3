import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { MalformedError } from './malformed.js';

/** Zigzag, so that small steps in either direction are short, then a varint of up to 64 bits. */
export function writeHlcDelta(writer: ByteWriter, delta: bigint): void {
  let rest = delta >= 0n ? delta << 1n : (-delta << 1n) - 1n;
  while (rest > 0x7fff_ffff_ffffn) {
    writer.u8(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  writer.varint(Number(rest));
}

/** Throws `MalformedError` for what `writeHlcDelta` does not write. */
export function readHlcDelta(reader: ByteReader): bigint {
  const zigzag = readBigVarint(reader);
  return zigzag & 1n ? -((zigzag + 1n) >> 1n) : zigzag >> 1n;
}

/** Up to 64 bits in 1 to 10 bytes, in the shortest form. The common, short ones never touch a bigint until the end. */
function readBigVarint(reader: ByteReader): bigint {
  let low = 0;
  for (let i = 0, scale = 1; i < 7; i++, scale *= 0x80) {
    const byte = reader.u8();
    if (byte === 0 && i > 0) throw tooLong();
    low += (byte & 0x7f) * scale;
    if (byte < 0x80) return BigInt(low);
  }
  let value = BigInt(low);
  for (let shift = 49n; shift < 70n; shift += 7n) {
    const byte = reader.u8();
    if (byte === 0) throw tooLong();
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw new MalformedError('a varint is longer than 64 bits');
}

function tooLong(): MalformedError {
  return new MalformedError('a varint is longer than it needs to be');
}
