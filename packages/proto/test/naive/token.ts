import { blake3 } from '@lattice/crypto';
import { Cursor } from './cursor.js';

export interface NaiveToken {
  readonly mesh: string;
  readonly secret: string;
  readonly expiryMs: number;
  readonly members: readonly {
    readonly nodeId: string;
    readonly direct: readonly string[];
    readonly relay?: string;
  }[];
}

/** Section "Token": of one that nobody has altered. */
export function readToken(text: string): NaiveToken {
  const match = /^lattice1([a-z2-7]+)$/.exec(text.replaceAll(/\s/g, '').toLowerCase());
  if (!match) throw new Error('no token');
  const bytes = fromBase32(match[1] ?? '');
  const body = bytes.subarray(0, -4);
  const checksum = Buffer.from(blake3('token', body)).subarray(0, 4);
  if (!checksum.equals(bytes.subarray(-4))) throw new Error('altered');
  const cursor = new Cursor(body);
  if (Number(cursor.varint()) !== cursor.left + 4) throw new Error('truncated');
  const [mesh, secret, expiryMs] = [cursor.hex(32), cursor.hex(32), Number(cursor.varint())];
  const members = times(cursor.byte(), () => {
    const nodeId = cursor.hex(32);
    const direct = times(cursor.byte(), () => address(cursor));
    const [relay] = times(cursor.byte(), () => address(cursor));
    return relay === undefined ? { nodeId, direct } : { nodeId, direct, relay };
  });
  cursor.end();
  return { mesh, secret, expiryMs, members };
}

function address(cursor: Cursor): string {
  const form = cursor.byte();
  if (form === 0) return cursor.take(cursor.count(256)).toString('utf8');
  if (form === 1) return `${[...cursor.take(4)].join('.')}:${cursor.take(2).readUInt16BE()}`;
  if (form !== 2) throw new Error('unknown form');
  const groups = times(8, () => cursor.take(2).readUInt16BE().toString(16));
  return `[${shortened(groups)}]:${cursor.take(2).readUInt16BE()}`;
}

/** RFC 5952: the first of the longest runs of two or more zeros becomes "::". */
function shortened(groups: readonly string[]): string {
  for (let length = 8; length >= 2; length--) {
    for (let at = 0; at + length <= 8; at++) {
      if (groups.slice(at, at + length).some((group) => group !== '0')) continue;
      return `${groups.slice(0, at).join(':')}::${groups.slice(at + length).join(':')}`;
    }
  }
  return groups.join(':');
}

/** RFC 4648, five bits a character, high ones first; what is left over at the end is zero. */
function fromBase32(text: string): Buffer {
  const bits = Array.from(text)
    .map((character) => 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(character).toString(2).padStart(5, '0'))
    .join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  if (bits.length - 8 * bytes.length >= 5 || /1/.test(bits.slice(8 * bytes.length)))
    throw new Error('altered');
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
