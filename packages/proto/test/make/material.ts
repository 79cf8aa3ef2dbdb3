import { type KeyPair, keyPairFromSeed, sign } from '@lattice/crypto';
import { hashEntry, storeIdOf } from '@lattice/kernel';
import {
  type Bundle,
  type BundleChain,
  compareEntryRefs,
  type Entry,
  type EntryRef,
  type Hash,
  type Hlc,
  hlcFromMs,
  type MeshGenesis,
  type StoreGenesis,
  toHex,
} from '@lattice/model';

/** What all vectors are made of: three nodes, a mesh, and a store of it. Nothing here is random. */
export const [alice, bob, carol] = [1, 2, 3].map((seed) =>
  keyPairFromSeed(new Uint8Array(32).fill(seed)),
) as [KeyPair, KeyPair, KeyPair];

export const meshGenesis: MeshGenesis = { kind: 'mesh', creator: alice.nodeId, random: counting(32, 0) };
export const meshId = storeIdOf(meshGenesis);
export const kvGenesis: StoreGenesis = { kind: 'store', type: 'kv', mesh: meshId, random: counting(32, 32) };
export const kvId = storeIdOf(kvGenesis);

/** A quarter past ten in the evening, on 14 November 2023. */
export const evening = hlcFromMs(1_700_000_100_000);

export interface Written {
  readonly entry: Entry;
  readonly hash: Hash;
  readonly key: KeyPair;
}

export interface HowWritten {
  /** The chain's entry before it; without one, it is the first of its store. */
  readonly after?: Written;
  readonly deps?: readonly (Written | EntryRef)[];
  readonly hlc?: Hlc;
  readonly instead?: Hash;
  readonly payload?: Uint8Array;
}

export function write(
  key: KeyPair,
  { after, deps = [], hlc = evening, instead, payload }: HowWritten = {},
): Written {
  const fields = {
    author: key.nodeId,
    seq: (after?.entry.seq ?? 0) + 1,
    prev: after?.hash ?? kvId,
    hlc,
    deps: deps.map(refOf).sort(compareEntryRefs),
    payload: payload ?? new Uint8Array(0),
  };
  return written(key, instead ? { ...fields, instead } : fields);
}

export function written(key: KeyPair, entry: Entry): Written {
  return { entry, hash: hashEntry(entry), key };
}

export function refOf(named: Written | EntryRef): EntryRef {
  if (!('entry' in named)) return named;
  return { author: named.entry.author, seq: named.entry.seq, hash: named.hash };
}

/** Entries as one bundle, in that order: what continues the last entry of a chain there belongs to that chain. */
export function bundleOf(...entries: readonly Written[]): Bundle {
  const lastOf: Written[] = [];
  const chains: BundleChain[] = [];
  const chainOf = entries.map((one) => {
    const continued = lastOf.findIndex((last) => toHex(last.hash) === toHex(one.entry.prev));
    const number = continued < 0 ? lastOf.length : continued;
    lastOf[number] = one;
    const { author, seq, prev } = one.entry;
    const first = chains[number] ?? { author, firstSeq: seq, firstPrev: prev };
    chains[number] = { ...first, signature: sign(one.key, 'chain', one.hash) };
    return number;
  });
  return {
    chains,
    chainOf,
    entries: entries.map(({ entry }) => entry),
    hashes: entries.map(({ hash }) => hash),
  };
}

export function counting(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => from + i);
}

export function filled(byte: number, length = 32): Uint8Array {
  return new Uint8Array(length).fill(byte);
}
