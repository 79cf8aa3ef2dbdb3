import {
  assert,
  type Dot,
  type EntryInfo,
  LatticeError,
  type LocalRef,
  type StateView,
  toHex,
} from '@lattice/model';
import type { KvWrite } from './handle.js';
import { keyText } from './key-text.js';
import { decodeKvOps } from './operations.js';
import { decodeRecord, recordKey } from './record.js';

/** What conditions are judged by. */
interface HeadsBackend {
  readonly state: StateView;
  info(ref: LocalRef): EntryInfo;
}

/**
 * Is asked when the entry of some writes is sealed: the state is that of all earlier entries, and `before` has the
 * operations that are in this one already. Returns what says why not, if they may not be written.
 */
export type HeadsCheck = (before: readonly Uint8Array[]) => (() => LatticeError) | undefined;

/** So many heads are named by an error. */
const headsNamedMax = 8;

/** Judges the conditions of a batch, in order; `undefined` where it has none. */
export function headsCheck(backend: HeadsBackend, writes: readonly KvWrite[]): HeadsCheck | undefined {
  if (!writes.some(({ ifHeads }) => ifHeads)) return undefined;
  // All of it taken now: the bytes are the caller's to change once the write was asked for.
  const expected = writes.map(({ key, ifHeads }) => ({
    key: key.slice(),
    name: toHex(key),
    wanted: ifHeads && new Set(ifHeads.map(nameOf)),
  }));
  return (before) => {
    const others = keysWritten(before);
    const own = new Set<string>();
    for (const { key, name, wanted } of expected) {
      if (wanted) {
        // A write that is ahead in the entry is a head that nobody can have named, as the entry has no hash yet.
        if (own.has(name)) return () => writtenTwice(key);
        if (others.has(name) || !isSame(wanted, headsOf(backend, key)))
          return () => otherHeads(key, headsOf(backend, key));
      }
      own.add(name);
    }
    return undefined;
  };
}

/** What was read so far of an entry's operations, which are asked about again for every write that has a condition. */
const read = new WeakMap<readonly Uint8Array[], { count: number; readonly keys: Set<string> }>();

function keysWritten(before: readonly Uint8Array[]): ReadonlySet<string> {
  const known = read.get(before) ?? { count: 0, keys: new Set<string>() };
  read.set(before, known);
  for (const operations of before.slice(known.count)) {
    const decoded = decodeKvOps(operations);
    assert(!('kind' in decoded), 'what this node writes can be read');
    for (const { key } of decoded) known.keys.add(toHex(key));
  }
  known.count = before.length;
  return known.keys;
}

function headsOf(backend: HeadsBackend, key: Uint8Array): readonly Dot[] {
  const stored = backend.state.get(recordKey(key));
  if (!stored) return [];
  const { winner, others } = decodeRecord(stored);
  return [winner, ...others].map(({ ref, op }) => ({ entry: backend.info(ref).hash, op }));
}

function isSame(wanted: ReadonlySet<string>, actual: readonly Dot[]): boolean {
  return wanted.size === actual.length && actual.every((dot) => wanted.has(nameOf(dot)));
}

function nameOf({ entry, op }: Dot): string {
  return `${toHex(entry)}:${op}`;
}

function otherHeads(key: Uint8Array, heads: readonly Dot[]): LatticeError {
  const named = heads.slice(0, headsNamedMax).map(nameOf).join(', ');
  const more = heads.length > headsNamedMax ? ` and ${heads.length - headsNamedMax} more` : '';
  const now = heads.length === 0 ? 'it was never written' : `its heads now are ${named}${more}`;
  return failed(`The key ${keyText(key)} is not as the write expects it: ${now}. Read it again, then write.`);
}

function writtenTwice(key: Uint8Array): LatticeError {
  return failed(`An earlier write of the same batch changes ${keyText(key)}: put the condition on that one.`);
}

function failed(message: string): LatticeError {
  return new LatticeError('condition-failed', message);
}
