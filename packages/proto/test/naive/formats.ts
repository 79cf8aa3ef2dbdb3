import { blake3 } from '@lattice/crypto';
import { hex, u32, u64, varint } from './cursor.js';

export interface NaiveRef {
  readonly author: string;
  readonly seq: number;
  readonly hash: string;
}

export interface NaiveEntry {
  readonly author: string;
  readonly seq: number;
  readonly prev: string;
  readonly hlc: string;
  readonly deps: readonly NaiveRef[];
  readonly instead?: string;
  readonly payload: string;
}

export type NaiveGenesis =
  | { readonly kind: 'mesh'; readonly creator: string; readonly random: string }
  | { readonly kind: 'store'; readonly type: string; readonly mesh: string; readonly random: string };

/** Section "Genesis". */
export function genesisBytes(genesis: NaiveGenesis): Buffer {
  if (genesis.kind === 'mesh') {
    return Buffer.concat([Buffer.from([1, 0]), hex(genesis.creator), hex(genesis.random)]);
  }
  const type = Buffer.from(genesis.type, 'ascii');
  return Buffer.concat([Buffer.from([1, 1, type.length]), type, hex(genesis.mesh), hex(genesis.random)]);
}

export function storeId(genesis: NaiveGenesis): string {
  return Buffer.from(blake3('genesis', genesisBytes(genesis))).toString('hex');
}

/** Section "Store ids": version 8, variant 10, over the first 16 bytes. */
export function uuidOf(id: string): string {
  const bits = BigInt(`0x${id.slice(0, 32)}`);
  const version = (bits & ~(0xfn << 76n)) | (8n << 76n);
  const digits = ((version & ~(0b11n << 62n)) | (0b10n << 62n)).toString(16).padStart(32, '0');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Section "Entry". */
export function entryBytes(entry: NaiveEntry): Buffer {
  return Buffer.concat([
    hex(entry.author),
    u64(BigInt(entry.seq)),
    hex(entry.prev),
    u64(BigInt(entry.hlc)),
    Buffer.from([entry.deps.length]),
    ...entry.deps.map((dep) => Buffer.concat([hex(dep.author), u64(BigInt(dep.seq)), hex(dep.hash)])),
    entry.instead === undefined ? Buffer.from([0]) : Buffer.concat([Buffer.from([1]), hex(entry.instead)]),
    u32(hex(entry.payload).length),
    hex(entry.payload),
  ]);
}

export function entryHash(entry: NaiveEntry): string {
  return Buffer.from(blake3('entry', entryBytes(entry))).toString('hex');
}

/** Section "Digest of tips". Hexadecimal text sorts as the bytes do. */
export function digestOf(tips: readonly string[]): string {
  return Buffer.from(blake3('tips', hex([...tips].sort().join('')))).toString('hex');
}

export function shortId(nonce: string, hash: string): string {
  return Buffer.from(blake3('short-id', hex(nonce + hash)))
    .toString('hex')
    .slice(0, 16);
}

export function meshTag(mesh: string, from: string, to: string): string {
  return Buffer.from(blake3('mesh-tag', hex(mesh + from + to)))
    .toString('hex')
    .slice(0, 32);
}

export function lanTag(instance: string, node: string): string {
  return Buffer.from(blake3('lan-tag', hex(instance + node)))
    .toString('hex')
    .slice(0, 32);
}

/** Section "Time": of entries in causal order, by their hashes. */
export function timesOf(
  entries: readonly (NaiveEntry & { readonly hash: string })[],
): ReadonlyMap<string, bigint> {
  const times = new Map<string, bigint>();
  for (const { hash, seq, prev, hlc, deps } of entries) {
    const named = [...(seq > 1 ? [prev] : []), ...deps.map((dep) => dep.hash)];
    const lifted = named.map((one) => (times.get(one) ?? -1n) + 1n);
    times.set(
      hash,
      [BigInt(hlc), 1n, ...lifted].reduce((a, b) => (a > b ? a : b)),
    );
  }
  return times;
}

/** Section "Replaced", where all entries count: the hashes of those that are. */
export function replacedOf(
  entries: readonly (NaiveEntry & { readonly hash: string })[],
): ReadonlySet<string> {
  const times = timesOf(entries);
  const isReplacedBy = (o: (typeof entries)[number], e: (typeof entries)[number]) =>
    e.instead === o.hash && e.author === o.author && !((times.get(o.hash) ?? 0n) < (times.get(e.hash) ?? 0n));
  return new Set(entries.filter((o) => entries.some((e) => isReplacedBy(o, e))).map(({ hash }) => hash));
}

/** Section "Payload" and "Log operations". */
export function logPayload(operations: readonly { value: string }[]): Buffer {
  const appends = operations.map(({ value }) =>
    Buffer.concat([Buffer.from([1]), varint(BigInt(value.length / 2)), hex(value)]),
  );
  return Buffer.concat([varint(1n), ...appends]);
}

/** Section "Payload" and "Key-value operations". */
export function kvPayload(operations: readonly { kind: string; key: string; value?: string }[]): Buffer {
  const prefixed = (text: string) => Buffer.concat([varint(BigInt(text.length / 2)), hex(text)]);
  return Buffer.concat([
    varint(1n),
    ...operations.map(({ kind, key, value }) =>
      kind === 'put'
        ? Buffer.concat([Buffer.from([1]), prefixed(key), prefixed(value ?? '')])
        : Buffer.concat([Buffer.from([2]), prefixed(key)]),
    ),
  ]);
}
