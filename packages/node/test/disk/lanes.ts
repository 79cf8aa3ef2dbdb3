import assert from 'node:assert/strict';
import type { Kv, KvWrite, Store } from '@lattice/node';
import { digestOf } from '@lattice/kernel';
import { toHex, utf8 } from '@lattice/model';
import { SeededRandom } from '@lattice/testkit';

/** So many writers at once, each with keys of its own, each waiting for its write before the next. */
export const lanes = [0, 1, 2, 3] as const;

const keysPerLane = 5;
/** How far back the history of a key is looked at. */
const versionsMax = 25;

const keysOf = (lane: number) => Array.from({ length: keysPerLane }, (_, i) => `lane ${lane} key ${i}`);

/** The `n`-th batch of a lane: always the same, so that whoever knows `n` knows what there must be. */
export function batchOf(lane: number, n: number): readonly KvWrite[] {
  const random = new SeededRandom(lane * 1_000_003 + n);
  const keys = keysOf(lane).filter(() => random.below(3) === 0);
  const some = keys.length === 0 ? [random.pick(keysOf(lane))] : keys;
  return some.map((name) => {
    const key = utf8(name);
    if (random.below(4) === 0) return { kind: 'delete', key };
    // Some are in the log alone, and some of those in entries of their own.
    const length = random.below(15) === 0 ? random.pick([20_000, 80_000]) : random.below(300);
    return { kind: 'put', key, value: utf8(`${lane}/${n} `.padEnd(length, 'x')) };
  });
}

/**
 * How many batches of the lane are there: those that were acknowledged, and perhaps the one that was under way. Throws where
 * it is neither, whole.
 */
export function checkLane(store: Store, lane: number, acknowledged: number): number {
  const kv = store.kv();
  const problems: unknown[] = [];
  for (const count of [acknowledged, acknowledged + 1]) {
    try {
      assertLane(store, kv, lane, count);
      return count;
    } catch (error) {
      problems.push(error);
    }
  }
  throw new AggregateError(
    problems,
    `lane ${lane} is neither as after ${acknowledged} batches nor one later`,
  );
}

/** What one author wrote alone is one chain without a gap, and its digest that of the chain's end. */
export function assertOneChain(store: Store, entriesMax: number): void {
  const { forks, conflicts, pending, held, entries, digest } = store.status();
  assert.deepEqual({ forks, conflicts, pending, held }, { forks: [], conflicts: 0, pending: 0, held: 0 });
  const history = [...store.history({ limit: entriesMax })];
  history.forEach(({ seq, forked, counts, head, deps }, i) => {
    assert.deepEqual(
      { seq, forked, counts, head },
      { seq: entries - i, forked: false, counts: true, head: i === 0 },
    );
    const before = history[i + 1];
    if (before) assert.deepEqual(deps.map(toHex), [toHex(before.entry)]);
  });
  const newest = history[0];
  if (newest) assert.equal(toHex(digest), toHex(digestOf([newest.entry])));
}

function assertLane(store: Store, kv: Kv, lane: number, count: number): void {
  for (const name of keysOf(lane)) {
    const key = utf8(name);
    const expected = versionsOf(lane, name, count);
    const value = kv.get(key)?.value;
    assert.equal(value && textOf(value), expected[0]?.text, `${name} after ${count} batches`);
    assert.equal(kv.heads(key).length, Math.min(1, expected.length));
    const found = [...store.history({ key, limit: versionsMax })].map(({ operations: [operation] }) => ({
      text: operation?.value && textOf(operation.value),
    }));
    assert.deepEqual(found, expected, `history of ${name} after ${count} batches`);
  }
}

/** Newest first. */
function versionsOf(lane: number, name: string, count: number): { readonly text: string | undefined }[] {
  const versions: { readonly text: string | undefined }[] = [];
  for (let n = count - 1; n >= 0 && versions.length < versionsMax; n--) {
    const write = batchOf(lane, n).find(({ key }) => textOf(key) === name);
    if (write) versions.push({ text: write.kind === 'put' ? textOf(write.value) : undefined });
  }
  return versions;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
