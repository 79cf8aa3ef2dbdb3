import { decodeKvOps } from '@lattice/kvstore';
import { comparePlaces, displayUtf8, type Hlc, type NodeId, toHex } from '@lattice/model';
import type { Store } from '@lattice/node';
import { ByteReader, decodePayload, MalformedError } from '@lattice/proto';
import type { Known, Past } from './past.js';

/** What a store has, in lines that are equal where two stores have the same. */
export type Contents = readonly string[];

/** What a node shows of a key-value store. */
export function kvContents(store: Store, keys: Iterable<string>): Contents {
  const kv = store.kv();
  const all = new Map<string, Uint8Array>(
    [...keys].map((key) => [key, Uint8Array.from(key, (char) => char.charCodeAt(0))]),
  );
  for (const { key } of kv.list()) all.set(String.fromCharCode(...key), key);
  return [...all]
    .map(([name, key]) => {
      const heads = kv.heads(key).map((head) => headText(head.entry, head.op, head.value));
      return heads.length === 0 ? '' : line(name, heads);
    })
    .filter((text) => text !== '')
    .sort();
}

/** The same as it must be, by the rule alone: of each key, the writes that no other one sees. */
export function kvReference(
  past: Past,
  isApplied: (entry: Known) => boolean,
): { readonly contents: Contents; readonly keys: readonly string[] } {
  const heads = new Map<string, Write[]>();
  for (const at of past.entries) {
    if (!isApplied(at)) continue;
    for (const [op, { key, value }] of writesOf(at.entry.payload).entries()) {
      const before = heads.get(key) ?? [];
      const left = before.filter((head) => head.at !== at && !past.sees(at, head.at));
      heads.set(key, [...left, { at, op, value }]);
    }
  }
  const contents = [...heads].map(([key, all]) => {
    const [winner, ...others] = all.toSorted((a, b) => comparePlaces(placeOf(b), placeOf(a)));
    const texts = [winner, ...others].flatMap((one) =>
      one ? [headText(one.at.hash, one.op, one.value)] : [],
    );
    return line(key, texts);
  });
  return { contents: contents.sort(), keys: [...heads.keys()] };
}

export function logContents(store: Store): Contents {
  return [...store.log().range()].map(
    ({ position, value }) => `${toHex(position.subarray(40))} ${displayUtf8(value)}`,
  );
}

export function logReference(past: Past, isApplied: (entry: Known) => boolean): Contents {
  const items = past.entries
    .filter(isApplied)
    .flatMap((at) => appendsOf(at.entry.payload).map((value, op) => ({ at, op, value })));
  return items
    .toSorted((a, b) => comparePlaces(placeOf(a), placeOf(b)))
    .map(({ at, op, value }) => `${at.key}${op.toString(16).padStart(8, '0')} ${displayUtf8(value)}`);
}

interface Write {
  readonly at: Known;
  readonly op: number;
  readonly value: Uint8Array | undefined;
}

function placeOf({ at, op }: Pick<Write, 'at' | 'op'>): {
  readonly time: Hlc;
  readonly author: NodeId;
  readonly entry: Known['hash'];
  readonly op: number;
} {
  return { time: at.time, author: at.entry.author, entry: at.hash, op };
}

/** The winner in front, the others in any order. */
function line(key: string, [winner = '', ...others]: readonly string[]): string {
  return `${JSON.stringify(key)}: ${[winner, ...others.sort()].join(' | ')}`;
}

function headText(entry: Uint8Array, op: number, value: Uint8Array | undefined): string {
  const shown = value ? JSON.stringify(displayUtf8(value.subarray(0, 40))) : 'deleted';
  return `${toHex(entry).slice(0, 16)}/${op} ${shown}`;
}

function writesOf(
  payload: Uint8Array,
): readonly { readonly key: string; readonly value: Uint8Array | undefined }[] {
  const operations = operationsOf(payload);
  const decoded = operations ? decodeKvOps(operations) : [];
  if ('kind' in decoded) return [];
  return decoded.map((op) => ({
    key: String.fromCharCode(...op.key),
    value: op.kind === 'put' ? op.value : undefined,
  }));
}

/** Laid out as u8 1, then the value with its length. What is not is no operation, and makes the whole payload none. */
function appendsOf(payload: Uint8Array): readonly Uint8Array[] {
  const reader = new ByteReader(operationsOf(payload) ?? new Uint8Array(0));
  const values: Uint8Array[] = [];
  try {
    while (reader.remaining > 0) {
      if (reader.u8() !== 1) return [];
      values.push(reader.prefixed(256 * 1024, 'a value'));
    }
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
  return values;
}

function operationsOf(payload: Uint8Array): Uint8Array | undefined {
  if (payload.length === 0) return undefined;
  try {
    const { version, operations } = decodePayload(payload);
    return version === 1 ? operations : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
