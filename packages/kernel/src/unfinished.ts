import { allAtOnce, type LocalRef } from '@lattice/model';
import type { Dag } from './dag.js';
import type { LogReader } from './log-reader.js';

/**
 * Of the bundle that went in last, where the log has more of it than the state: the first seq of each of its chains, by
 * chain. What there is of it has no signature of its own yet.
 */
export function unfinished({ index, nextRef }: Dag, reader: LogReader): ReadonlyMap<number, number> {
  const begun = new Map<number, number>();
  if (nextRef === 0) return begun;
  const { offset } = index.entry((nextRef - 1) as LocalRef);
  const bundle = allAtOnce(reader.sequentially()(offset));
  const isWhole = bundle?.entries.every(({ author, seq }, i) => {
    const hash = bundle.hashes[i];
    return hash && index.findAt(author, seq, hash);
  });
  if (isWhole !== false) return begun;
  for (let ref = nextRef - 1; ref >= 0; ref--) {
    const { chain, seq, offset: other } = index.entry(ref as LocalRef);
    if (other !== offset) break;
    begun.set(chain, seq);
  }
  return begun;
}
