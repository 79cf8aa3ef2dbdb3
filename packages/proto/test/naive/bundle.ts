import { Cursor } from './cursor.js';
import { entryBytes, entryHash, type NaiveEntry, type NaiveRef } from './formats.js';

export interface NaiveChain {
  readonly author: string;
  readonly firstSeq: number;
  readonly firstPrev: string;
  readonly signature: string;
}

export interface NaiveBundle {
  readonly chains: readonly NaiveChain[];
  readonly entries: readonly (NaiveEntry & { readonly chain: number; readonly hash: string })[];
}

export type LookUp = (author: string, seq: number) => string | undefined;

/** Section "Bundle". Throws for what is malformed; `undefined` for a thin one that cannot be completed here. */
export function readBundle(bytes: Uint8Array, lookUp: LookUp): NaiveBundle | undefined {
  try {
    return readWhole(new Cursor(bytes), lookUp);
  } catch (error) {
    if (error === notComplete) return undefined;
    throw error;
  }
}

const notComplete = new Error('a hash was left out that is not to be found');

function readWhole(cursor: Cursor, lookUp: LookUp): NaiveBundle {
  const form = cursor.byte();
  if (form !== 1 && form !== 2) throw new Error('unknown form');
  const chains = times(cursor.count(1_024), (): NaiveChain => {
    const author = cursor.hex(32);
    const firstSeq = readSeq(cursor);
    return { author, firstSeq, firstPrev: cursor.hex(32), signature: cursor.hex(64) };
  });
  const authors = [
    ...chains.map(({ author }) => author),
    ...times(cursor.count(65_536), () => cursor.hex(32)),
  ];
  const entries: NaiveBundle['entries'][number][] = [];
  let bytes = 0;
  let hlc = 0n;
  for (let left = cursor.count(1_024); left > 0; left--) {
    const chain = Number(cursor.varint());
    const first = chains[chain];
    if (!first) throw new Error('no such chain');
    const before = entries.findLast((entry) => entry.chain === chain);

    hlc += unzigzag(cursor.varint(2n ** 64n));
    if (hlc < 0n || hlc >= 2n ** 63n) throw new Error('hlc out of range');
    const head = cursor.count(2 * 64 + 1);
    const deps: NaiveRef[] = [];
    while (deps.length < Math.floor(head / 2)) {
      deps.push(readDep(cursor, form, authors, entries, lookUp));
      if (!isStrictlySorted(deps)) throw form === 2 ? notComplete : new Error('deps out of order');
    }
    const instead = head % 2 === 1 ? { instead: cursor.hex(32) } : {};
    const entry = {
      author: first.author,
      seq: before ? seqAfter(before.seq) : first.firstSeq,
      prev: before ? before.hash : first.firstPrev,
      hlc: String(hlc),
      deps,
      ...instead,
      payload: cursor.hex(cursor.count(1_048_576)),
    };
    entries.push({ chain, hash: entryHash(entry), ...entry });
    bytes += entryBytes(entry).length;
    if (entries.length > 1 && bytes > 1_048_576) throw new Error('over 1 MiB');
  }
  cursor.end();
  const used = new Set(entries.map(({ chain }) => chain));
  if (chains.length === 0 || used.size < chains.length) throw new Error('a chain without an entry');
  return { chains, entries };
}

function readDep(
  cursor: Cursor,
  form: number,
  authors: readonly string[],
  entries: NaiveBundle['entries'],
  lookUp: LookUp,
): NaiveRef {
  const code = Number(cursor.varint());
  const number = Math.floor(code / 2);
  if (code % 2 === 0) {
    const earlier = entries[entries.length - 1 - number];
    if (!earlier) throw new Error('no such entry');
    return { author: earlier.author, seq: earlier.seq, hash: earlier.hash };
  }
  const author = authors[number];
  if (author === undefined) throw new Error('no such author');
  const seq = readSeq(cursor);
  const hash = form === 1 ? cursor.hex(32) : lookUp(author, seq);
  if (hash === undefined) throw notComplete;
  return { author, seq, hash };
}

function readSeq(cursor: Cursor): number {
  const seq = Number(cursor.varint());
  if (seq === 0) throw new Error('seq zero');
  return seq;
}

/** A seq stays below 2^53. */
function seqAfter(seq: number): number {
  if (seq + 1 >= 2 ** 53) throw new Error('seq too large');
  return seq + 1;
}

function unzigzag(value: bigint): bigint {
  return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
}

/** By author, seq and hash, in one text that sorts as they do. */
function isStrictlySorted(refs: readonly NaiveRef[]): boolean {
  const keys = refs.map(({ author, seq, hash }) => author + seq.toString(16).padStart(16, '0') + hash);
  return keys.every((key, i) => i === 0 || (keys[i - 1] as string) < key);
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
