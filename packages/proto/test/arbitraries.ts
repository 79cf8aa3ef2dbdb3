import { blake3 } from '@lattice/crypto';
import {
  type Bundle,
  type BundleChain,
  compareEntryRefs,
  type Entry,
  type EntryRef,
  type Genesis,
  type Hash,
  type Hlc,
  hlcLimit,
  type NodeId,
  type Signature,
  type StoreId,
  toHex,
} from '@lattice/model';
import { canonicalEntryBytes } from '@lattice/proto';
import fc from 'fast-check';

/** Objects as they are written in code, for comparing with. */
const plain = { noNullPrototype: true } as const;

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const seq = fc.oneof(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 64 }),
);
const hlc = fc.oneof(fc.bigInt(0n, 5n), fc.bigInt(0n, hlcLimit - 1n)) as fc.Arbitrary<Hlc>;
const author = fc.nat(3).map((number) => new Uint8Array(32).fill(number) as NodeId);
const someHash = fc.oneof(
  fc.nat(1).map((number) => new Uint8Array(32).fill(number)),
  bytes32,
) as fc.Arbitrary<Hash>;
const payload = fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 300 }));

export const genesis: fc.Arbitrary<Genesis> = fc.oneof(
  fc.record({ kind: fc.constant('mesh' as const), creator: author, random: bytes32 }, plain),
  fc.record(
    {
      kind: fc.constant('store' as const),
      type: fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/),
      mesh: bytes32 as fc.Arbitrary<StoreId>,
      random: bytes32,
    },
    plain,
  ),
);

const ref: fc.Arbitrary<EntryRef> = fc.record({ author, seq, hash: someHash }, plain);

export const entry: fc.Arbitrary<Entry> = fc
  .record({
    author,
    seq,
    prev: someHash,
    hlc,
    deps: fc.array(ref, { maxLength: 64 }),
    payload,
    instead: fc.option(someHash),
  })
  .map(({ instead, ...fields }) => {
    const deps = strictlySorted(fields.deps);
    return instead ? { ...fields, deps, instead } : { ...fields, deps };
  });

export function hashOf(one: Entry): Hash {
  return blake3('entry', canonicalEntryBytes(one));
}

interface Step {
  readonly author: NodeId;
  /** Which entry to go on from: the first ones stand for none, and for one that the bundle does not have. */
  readonly after: number;
  readonly firstSeq: number;
  readonly firstPrev: Hash;
  readonly inside: readonly number[];
  readonly outside: readonly EntryRef[];
  readonly hlc: Hlc;
  readonly instead: Hash | null;
  readonly payload: Uint8Array;
}

const step: fc.Arbitrary<Step> = fc.record({
  author,
  after: fc.nat(6),
  firstSeq: seq,
  firstPrev: someHash,
  inside: fc.array(fc.nat(20), { maxLength: 4 }),
  outside: fc.array(ref, { maxLength: 3 }),
  hlc,
  instead: fc.option(someHash),
  payload,
});

/** Bundles with forks, deps in and out of them, and authors that only deps name. Signatures are of random bytes. */
export const bundle: fc.Arbitrary<Bundle> = fc
  .tuple(fc.array(step, { minLength: 1, maxLength: 12 }), fc.uint8Array({ minLength: 64, maxLength: 64 }))
  .map(([steps, signature]) => build(steps, signature as Signature));

function build(steps: readonly Step[], signature: Signature): Bundle {
  const chains: BundleChain[] = [];
  const chainOf: number[] = [];
  const entries: Entry[] = [];
  const hashes: Hash[] = [];
  for (const drawn of steps) {
    const made = entryOf(drawn, entries, hashes);
    const continued = chains.findIndex((_, number) => {
      const last = hashes[chainOf.lastIndexOf(number)];
      return last !== undefined && toHex(last) === toHex(made.prev);
    });
    if (continued < 0)
      chains.push({ author: made.author, firstSeq: made.seq, firstPrev: made.prev, signature });
    chainOf.push(continued < 0 ? chains.length - 1 : continued);
    entries.push(made);
    hashes.push(hashOf(made));
  }
  return { chains, chainOf, entries, hashes };
}

function entryOf(drawn: Step, entries: readonly Entry[], hashes: readonly Hash[]): Entry {
  const own = entries.flatMap((one, i) => (toHex(one.author) === toHex(drawn.author) ? [i] : []));
  const before = own[drawn.after - 2];
  const previous = before === undefined ? undefined : entries[before];
  const inside = drawn.inside.flatMap((number) => {
    const index = number % (entries.length + 1);
    const named = entries[index];
    return named ? [{ author: named.author, seq: named.seq, hash: hashes[index] as Hash }] : [];
  });
  const fields = {
    author: drawn.author,
    seq: previous ? previous.seq + 1 : drawn.firstSeq,
    prev: before === undefined ? drawn.firstPrev : (hashes[before] as Hash),
    hlc: drawn.hlc,
    deps: strictlySorted([...inside, ...drawn.outside]),
    payload: drawn.payload,
  };
  return drawn.instead ? { ...fields, instead: drawn.instead } : fields;
}

function strictlySorted(refs: readonly EntryRef[]): EntryRef[] {
  const sorted = [...refs].sort(compareEntryRefs);
  return sorted.filter((one, i) => i === 0 || compareEntryRefs(sorted[i - 1] as EntryRef, one) < 0);
}

/** Changes that a sender or a disk may make to bytes. */
export const mutation: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .array(fc.tuple(fc.nat(), fc.nat(2), fc.uint8Array({ minLength: 1, maxLength: 4 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map(
    (changes) => (bytes) => changes.reduce((now, [at, kind, piece]) => change(now, at, kind, piece), bytes),
  );

function change(bytes: Uint8Array, anywhere: number, kind: number, piece: Uint8Array): Uint8Array {
  const at = anywhere % (bytes.length + 1);
  const behind = kind === 0 ? at : Math.min(bytes.length, at + piece.length);
  const between = kind === 2 ? new Uint8Array(0) : piece;
  return Uint8Array.from([...bytes.subarray(0, at), ...between, ...bytes.subarray(behind)]);
}
