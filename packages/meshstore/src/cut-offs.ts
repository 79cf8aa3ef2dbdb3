import { assert, type CutOff, type Hash } from '@lattice/model';
import { cutOffsMax } from './op.js';

/** One chain of the author to be revoked: a branch each, where it forked. */
export interface Chain {
  /** `seq` of the last entry to accept, 1 or more. */
  readonly tipSeq: number;
  /** Of the chain's entry at `seq`, from 1 to `tipSeq`. */
  hashAt(seq: number): Hash;
}

/**
 * What a revocation should name of an author in one store, to accept what the revoker has of these chains: each tip, and
 * ancestors 1, 2, 4, 8 ... entries before it, so that a node that does not have the tip yet can still accept part of the
 * chain. At most 64 in all, shared evenly: with many branches each names fewer ancestors, still from near to far. Of more
 * than 64 branches the first 64 are accepted: give the newest first.
 */
export function chooseCutOffs(chains: readonly Chain[]): CutOff[] {
  const branches = chains.slice(0, cutOffsMax);
  const share = Math.floor(cutOffsMax / Math.max(1, branches.length));
  const chosen = new Map<string, CutOff>();
  for (const chain of branches) {
    for (const seq of spread(exponentialSeqs(chain.tipSeq), share)) {
      const hash = chain.hashAt(seq);
      // Branches share their trunk: there they name the same entries.
      chosen.set(`${seq}/${hash.join()}`, { seq, hash });
    }
  }
  return [...chosen.values()];
}

/** The tip's and those 1, 2, 4, 8 ... before it: at most 54, since a seq is below 2^53. */
function exponentialSeqs(tipSeq: number): number[] {
  assert(Number.isSafeInteger(tipSeq) && tipSeq > 0, 'a seq counts from 1');
  const seqs = [tipSeq];
  for (let distance = 1; distance < tipSeq; distance *= 2) seqs.push(tipSeq - distance);
  return seqs;
}

/** At most `count` of the items, evenly spread: the first one always, and the last one if more than one. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  if (count === 1) return items.slice(0, 1);
  return Array.from(
    { length: count },
    (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))] as T,
  );
}
