import type { EntryRef } from '@lattice/model';
import type { DagIndex } from './dag-index.js';

/**
 * An entry and its chain ancestors 1, 2, 4, 8 ... behind it, the chain's first entry last: enough for somebody on another
 * branch to find an ancestor that both have, at most twice as far back as the last common one.
 */
export function chainSamples(index: DagIndex, of: EntryRef): readonly EntryRef[] {
  const place = index.find(of);
  if (!place) return [];
  return sampleSeqs(of.seq).map((seq) => ({
    author: of.author,
    seq,
    hash: index.hashAt({ chain: place.chain, seq }),
  }));
}

function sampleSeqs(seq: number): readonly number[] {
  const seqs = [seq];
  for (let distance = 1; distance < seq - 1; distance *= 2) seqs.push(seq - distance);
  if (seq > 1) seqs.push(1);
  return seqs;
}
