import { type EntryRef, HashMap, type Steps, thingsPerStep } from '@lattice/model';

/**
 * How many entries somebody lacks who has what is known, and not these tips: of each author's chain what follows on the last
 * one known. `undefined` where an author has two tips, or the two sides each have a branch: that a tip's place in its chain
 * does not tell. What is dated too far ahead to be sent is counted too.
 */
export function* missingEntries(
  unknown: readonly EntryRef[],
  known: readonly EntryRef[],
): Steps<number | undefined> {
  const knownSeqs = new HashMap<number>();
  let done = 0;
  for (const { author } of unknown) {
    if (++done % thingsPerStep === 0) yield;
    if (knownSeqs.has(author)) return undefined;
    knownSeqs.set(author, 0);
  }
  for (const { author, seq } of known) {
    if (++done % thingsPerStep === 0) yield;
    const before = knownSeqs.get(author);
    if (before !== undefined) knownSeqs.set(author, Math.max(before, seq));
  }
  let missing = 0;
  for (const { author, seq } of unknown) {
    if (++done % thingsPerStep === 0) yield;
    const lacks = seq - (knownSeqs.get(author) ?? 0);
    if (lacks < 0) return undefined;
    missing += lacks;
  }
  return missing;
}
