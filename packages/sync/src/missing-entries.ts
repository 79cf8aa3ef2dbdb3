import { eachInSteps, type EntryRef, HashMap, mapInSteps, type Steps } from '@lattice/model';

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
  yield* eachInSteps(unknown, ({ author }) => knownSeqs.set(author, 0));
  if (knownSeqs.size < unknown.length) return undefined;
  yield* eachInSteps(known, ({ author, seq }) => {
    const before = knownSeqs.get(author);
    if (before !== undefined) knownSeqs.set(author, Math.max(before, seq));
  });
  const lacks = yield* mapInSteps(unknown, ({ author, seq }) => seq - (knownSeqs.get(author) ?? 0));
  return lacks.some((entries) => entries < 0) ? undefined : lacks.reduce((sum, entries) => sum + entries, 0);
}
