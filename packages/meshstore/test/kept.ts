import { type Admission, type AuthorRule, compareBytes } from '@lattice/model';
import { closure, find, type Holding, leadsTo, sees, type TestEntry } from './dag.js';

/** What the kernel makes of an admission: whether an entry that is present counts. */
export function counts(entry: TestEntry, holding: Holding, admission: Admission): boolean {
  const rule = admission.rule(entry.author);
  return rule !== undefined && isWithinSpan(entry, holding, rule) && isBeforeCutOffs(entry, holding, rule);
}

/** What a node keeps and exchanges: what counts, what the admission says to keep as well, and all ancestors. */
export function keptOf(holding: Holding, admission: Admission): Set<TestEntry> {
  const kept = [...holding].filter((entry) => counts(entry, holding, admission));
  for (const ref of admission.alsoKept()) {
    const named = find(holding, ref);
    if (named !== undefined) kept.push(named);
  }
  return closure(kept);
}

/** One text for a set of entries, for comparing and for reading. */
export function describe(holding: Holding): string {
  return [...holding]
    .sort((a, b) => compareBytes(a.hash, b.hash))
    .map(({ place }) => place)
    .join(' ');
}

function isWithinSpan(entry: TestEntry, holding: Holding, { spans }: AuthorRule): boolean {
  return spans.some(({ after, behind }) => {
    if (entry.hlc <= after) return false;
    if (behind === undefined) return true;
    const admitted = find(holding, behind);
    return admitted !== undefined && sees(entry, admitted);
  });
}

function isBeforeCutOffs(entry: TestEntry, holding: Holding, { cutOffs }: AuthorRule): boolean {
  return cutOffs.every((list) =>
    list.some((cutOff) => {
      const last = find(holding, { author: entry.author, ...cutOff });
      return last !== undefined && leadsTo(entry, last);
    }),
  );
}
