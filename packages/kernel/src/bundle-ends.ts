import { assert, type Bundle, type EntryRef } from '@lattice/model';
import { canonicalEntryLength } from '@lattice/proto';

/** Of each chain the last entry in the bundle, of which all its others there are ancestors. */
export function endsOf({ chains, chainOf, entries, hashes }: Bundle): readonly EntryRef[] {
  const lastOf: number[] = [];
  chainOf.forEach((chain, index) => (lastOf[chain] = index));
  return chains.map(({ author }, number) => {
    const last = lastOf[number] ?? -1;
    const [entry, hash] = [entries[last], hashes[last]];
    assert(entry && hash, 'each chain of a bundle has an entry');
    return { author, seq: entry.seq, hash };
  });
}

/** What counts towards `bundleBytesMax`. */
export function canonicalBytesOf({ entries }: Bundle): number {
  return entries.reduce((sum, entry) => sum + canonicalEntryLength(entry), 0);
}
