import { hex, u32 } from './cursor.js';

/** Section "Log segments": all that a segment's file holds, when these records were appended to it. */
export function segmentBytes(
  genesis: string,
  salt: number,
  appends: readonly (readonly string[])[],
  sealed: boolean,
): Buffer {
  const frames = appends.flatMap((records, append) => {
    const isLast = append === appends.length - 1;
    const all = records.map((record, i) => frame(hex(record), salt, i > 0));
    return sealed && isLast ? [...all, seal(salt)] : all;
  });
  return Buffer.concat([header(hex(genesis), salt), ...frames]);
}

function header(genesis: Buffer, salt: number): Buffer {
  const checked = Buffer.concat([
    Buffer.from('LATTLOG\n', 'ascii'),
    u32(1),
    u32(genesis.length),
    u32(salt),
    u32(0),
    padded(genesis),
  ]);
  return Buffer.concat([checked, u32(crc32(checked, 0)), u32(0)]);
}

function frame(record: Buffer, salt: number, continued: boolean): Buffer {
  const word = u32(record.length + (continued ? 0x8000_0000 : 0));
  const check = crc32(word, salt);
  return padded(Buffer.concat([word, u32(check), u32(crc32(record, check)), record]));
}

function seal(salt: number): Buffer {
  const word = u32(0xffff_ffff);
  const check = crc32(word, salt);
  return padded(Buffer.concat([word, u32(check), u32(check)]));
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}

/** The CRC of gzip and Ethernet (ISO 3309), going on from another one. */
function crc32(bytes: Buffer, start: number): number {
  let crc = ~start;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
