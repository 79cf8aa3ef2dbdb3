import assert from 'node:assert/strict';
import { hashEntry } from '@lattice/kernel';
import type { Entry, EntryRef } from '@lattice/model';
import { decodeBundle } from '@lattice/proto';
import type { ReplicaRig } from '@lattice/testkit';

export interface Logged {
  readonly entry: Entry;
  readonly ref: EntryRef;
}

/** All entries in the log, in its order, that are not lost. */
export function logged({ stored }: ReplicaRig): Logged[] {
  return [...stored.log.itemsFrom(0)].flatMap((item) => {
    if (item.kind !== 'record') return [];
    const decoded = decodeBundle(item.record, { hashEntry, lookUp: () => undefined });
    assert.ok(decoded.kind === 'bundle');
    return decoded.bundle.entries.map((entry) => ({
      entry,
      ref: { author: entry.author, seq: entry.seq, hash: hashEntry(entry) },
    }));
  });
}

/** Where the log's records begin, those that are lost too. */
export function offsets({ stored }: ReplicaRig): number[] {
  return [...stored.log.itemsFrom(0)].map(({ offset }) => offset);
}
