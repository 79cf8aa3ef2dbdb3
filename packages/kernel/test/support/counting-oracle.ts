import type { Replica } from '@lattice/kernel';
import { type Admission, toHex } from '@lattice/model';
import {
  digestOfHolding,
  type History,
  type HistoryEntry,
  type Holding,
  isChainAncestor,
  refOf,
  seesEntry,
  tipsOf,
} from '@lattice/testkit';
import assert from 'node:assert/strict';

/** The entries of `holding` that count, by the rule of the design, word for word. */
function countedOf(history: History, holding: Holding, admission: Admission): Set<HistoryEntry> {
  const present = (named: Parameters<History['find']>[0]): HistoryEntry | undefined => {
    const found = history.find(named);
    return found && holding.has(found) ? found : undefined;
  };
  const counts = (entry: HistoryEntry): boolean => {
    const { author } = entry.entry;
    const rule = admission.rule(author);
    if (!rule) return false;
    const admitted = rule.spans.some(({ after, behind }) => {
      const admitting = behind && present(behind);
      return entry.entry.hlc > after && (!behind || (admitting !== undefined && seesEntry(entry, admitting)));
    });
    return (
      admitted &&
      rule.cutOffs.every((list) =>
        list.some((cutOff) => {
          const last = present({ author, ...cutOff });
          return last !== undefined && isChainAncestor(entry, last);
        }),
      )
    );
  };
  return new Set([...holding].filter(counts));
}

/** What counts, what the admission names besides, and the ancestors of both. */
function keptOf(history: History, holding: Holding, admission: Admission): Set<HistoryEntry> {
  const named = [...admission.alsoKept()].map((ref) => history.find(ref));
  const present = named.filter((entry) => entry !== undefined).filter((entry) => holding.has(entry));
  return history.closure([...countedOf(history, holding, admission), ...present]);
}

/** Those of the history's entries that are in the replica's DAG. */
export function holdingOf(replica: Replica, history: History): Set<HistoryEntry> {
  return new Set(history.entries.filter((entry) => replica.find(refOf(entry)) !== undefined));
}

/** That a replica keeps and shows what it must, of what it has. `wordsOf` are what its machine was given. */
export function assertKeepsWhatItShould(
  replica: Replica,
  history: History,
  admission: Admission,
): Set<HistoryEntry> {
  const holding = holdingOf(replica, history);
  const kept = keptOf(history, holding, admission);
  const status = replica.status();
  assert.deepEqual(hashesOf(replica.tips()), hashesOf(tipsOf(kept)), 'the tips of what is kept');
  assert.equal(status.entries, kept.size, 'entries kept');
  assert.equal(toHex(status.digest), toHex(digestOfHolding(kept)), 'the digest');
  return countedOf(history, holding, admission);
}

function hashesOf(entries: Iterable<{ readonly hash: Uint8Array }>): string[] {
  return [...entries].map(({ hash }) => toHex(hash)).sort();
}
