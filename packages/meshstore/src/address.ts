import { fromUtf8, utf8 } from '@lattice/model';
import { type ByteReader, type ByteWriter, MalformedError } from '@lattice/proto';

/*
 * How a node's address is written into a token. Addresses are text to this package; the two common forms are packed,
 * since a token is for people to copy:
 *
 *   u8 0 · varint length, 1 to 256 · UTF-8      anything else
 *   u8 1 · 4 bytes · port u16                   "192.168.1.5:4433"
 *   u8 2 · 16 bytes · port u16                  "[2001:db8::1]:4433", as RFC 5952 writes it
 */

/** Bytes of UTF-8 of one address. */
export const addressBytesMax = 256;

export function isAddress(text: string): boolean {
  const bytes = utf8(text);
  return (
    bytes.length > 0 && bytes.length <= addressBytesMax && !/\p{Cc}/u.test(text) && fromUtf8(bytes) === text
  );
}

export function writeAddress(writer: ByteWriter, address: string): void {
  for (const form of packedForms) {
    const packed = form.pack(address);
    // A packed form must give back the very text: other ways to write the same address stay text.
    if (packed === undefined || form.unpack(packed) !== address) continue;
    writer.u8(form.code).raw(packed);
    return;
  }
  writer.u8(textCode).prefixed(utf8(address));
}

export function readAddress(reader: ByteReader): string {
  const code = reader.u8();
  if (code === textCode) return readText(reader);
  const form = packedForms.find((candidate) => candidate.code === code);
  if (form === undefined) throw new MalformedError(`address form ${code} is not known`);
  return form.unpack(reader.raw(form.bytes));
}

const textCode = 0;

interface PackedForm {
  readonly code: number;
  readonly bytes: number;
  pack(text: string): Uint8Array | undefined;
  unpack(packed: Uint8Array): string;
}

const ipv4: PackedForm = {
  code: 1,
  bytes: 6,
  pack(text) {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}):(\d{1,5})$/.exec(text);
    if (match === null) return undefined;
    const [a, b, c, d, port] = match.slice(1).map(Number) as [number, number, number, number, number];
    return Uint8Array.of(a, b, c, d, port >> 8, port & 0xff);
  },
  unpack: (packed) => `${packed.subarray(0, 4).join('.')}:${portOf(packed, 4)}`,
};

const ipv6: PackedForm = {
  code: 2,
  bytes: 18,
  pack(text) {
    const match = /^\[([0-9a-f:]{2,39})\]:(\d{1,5})$/.exec(text);
    if (match === null) return undefined;
    const groups = ipv6Groups(match[1] as string);
    if (groups?.length !== 8) return undefined;
    return Uint8Array.from(
      [...groups, Number(match[2])].flatMap((value) => [(value >> 8) & 0xff, value & 0xff]),
    );
  },
  unpack: (packed) => `[${ipv6Text(packed)}]:${portOf(packed, 16)}`,
};

const packedForms: readonly PackedForm[] = [ipv4, ipv6];

function readText(reader: ByteReader): string {
  const text = fromUtf8(reader.prefixed(addressBytesMax, 'an address'));
  if (text === undefined || !isAddress(text)) throw new MalformedError('an address is not text');
  return text;
}

function portOf(packed: Uint8Array, offset: number): number {
  return (packed[offset] as number) * 256 + (packed[offset + 1] as number);
}

/** The 16-bit groups, with those that "::" leaves out. Lenient: what it takes wrongly does not come back as it was. */
function ipv6Groups(text: string): number[] | undefined {
  const halves = text
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16))));
  const [front, back] = halves as [number[], number[]?];
  if (back === undefined || halves.length > 2) return front;
  return [...front, ...Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => 0), ...back];
}

/** RFC 5952, section 4: no leading zeros, and "::" for the first longest run of two or more zero groups. */
function ipv6Text(packed: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => portOf(packed, 2 * i).toString(16));
  const text = groups.join(':');
  const runs = text.match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return text;
  const [front, ...rest] = splitOnce(text, longest);
  return `${front?.replace(/:$/, '') ?? ''}::${(rest[0] ?? '').replace(/^:/, '')}`;
}

function splitOnce(text: string, separator: string): [string, string] {
  const place = text.search(new RegExp(`\\b${separator}\\b`));
  return [text.slice(0, place), text.slice(place + separator.length)];
}
