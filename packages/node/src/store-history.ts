import type { HistoryEntry, Replica } from '@lattice/kernel';
import { keyHistory, type KeyVersion } from '@lattice/kvstore';

/** A key's versions, in the form that a store's entries have. Throws `key-empty` or `key-too-long`. */
export function versionsOf(replica: Replica, key: Uint8Array): Iterable<HistoryEntry> {
  const versions = keyHistory(replica, key);
  return (function* () {
    for (const version of versions) yield entryOf(version, replica, key);
  })();
}

function entryOf({ info, head, value, deps }: KeyVersion, replica: Replica, key: Uint8Array): HistoryEntry {
  const { author, seq, time, hash: entry } = info;
  const operation =
    value === undefined
      ? { op: 'delete', key, valueBytes: 0 }
      : { op: 'put', key, value, valueBytes: value.length };
  return {
    entry,
    author,
    seq,
    time,
    deps,
    head,
    // What does not count, or was issued again, is not applied, and so has made no version.
    counts: true,
    replaced: false,
    forked: replica.isForked(author, seq),
    operations: [operation],
    operationCount: 1,
  };
}

/** The first `limit` of what is read, which may go no further once the store is closed. */
export function* readWhileOpen<T>(
  items: Iterable<T>,
  requireOpen: () => void,
  limit = Number.POSITIVE_INFINITY,
): Generator<T> {
  let left = limit;
  if (left <= 0) return;
  const iterator = items[Symbol.iterator]();
  for (;;) {
    requireOpen();
    const { value, done } = iterator.next();
    if (done) return;
    yield value;
    if (--left <= 0) return;
  }
}
