import { assert, type EntryRef, equalBytes, type Hash, type NodeId } from '@lattice/model';
import type { DagIndex } from './dag-index.js';

/** One chain as far as it is kept. */
export interface KeptChain {
  readonly tipSeq: number;
  /** Of the chain's entry at that seq, from 1 to `tipSeq`. */
  hashAt(seq: number): Hash;
}

/** The author's chains among those with these tips, the newest branch first. */
export function keptChainsOf(
  index: DagIndex,
  tips: readonly EntryRef[],
  author: NodeId,
): readonly KeptChain[] {
  const own = tips.filter((tip) => equalBytes(tip.author, author));
  return own.reverse().map((tip) => {
    const place = index.find(tip);
    assert(place, 'a tip is in the DAG');
    return { tipSeq: tip.seq, hashAt: (seq) => index.hashAt({ chain: place.chain, seq }) };
  });
}
