import type { Bundle, Entry, EntryRef, Genesis } from '@lattice/model';
import { toHex } from '@lattice/model';

/** Values as the vectors write them down: bytes in hexadecimal, what may pass 2^53 as decimal text. */
export function genesisJson(genesis: Genesis) {
  const random = toHex(genesis.random);
  if (genesis.kind === 'mesh') return { kind: genesis.kind, creator: toHex(genesis.creator), random };
  return { kind: genesis.kind, type: genesis.type, mesh: toHex(genesis.mesh), random };
}

export function entryJson({ author, seq, prev, hlc, deps, instead, payload }: Entry) {
  return {
    author: toHex(author),
    seq,
    prev: toHex(prev),
    hlc: String(hlc),
    deps: deps.map(refJson),
    ...(instead && { instead: toHex(instead) }),
    payload: toHex(payload),
  };
}

export function refJson({ author, seq, hash }: EntryRef) {
  return { author: toHex(author), seq, hash: toHex(hash) };
}

export function bundleJson({ chains, chainOf, entries, hashes }: Bundle) {
  return {
    chains: chains.map(({ author, firstSeq, firstPrev, signature }) => ({
      author: toHex(author),
      firstSeq,
      firstPrev: toHex(firstPrev),
      signature: toHex(signature),
    })),
    entries: entries.map((entry, index) => ({
      chain: chainOf[index],
      hash: toHex(hashes[index] ?? new Uint8Array(0)),
      ...entryJson(entry),
    })),
  };
}

/** Bytes in hexadecimal and bigints in decimal, all the way down. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
