import { hashEntry, type Replica } from '@lattice/kernel';
import { assert, equalBytes, toHex } from '@lattice/model';
import fc from 'fast-check';
import { digestOfHolding, forksOf, type History, type Holding, refOf, seesEntry, tipsOf } from './history.js';
import { mustFind } from './replica-rig.js';

/** Fails unless both print the same; bytes, bigints, maps and sets do. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [fc.stringify(actual), fc.stringify(expected)];
  assert(got === wanted, `${what}\n  expected: ${wanted}\n  got:      ${got}`);
}

/** What all nodes with the same entries must agree on, in a form that can be compared. */
export function describeReplica(replica: Replica, view: (replica: Replica) => unknown): unknown {
  const { entries, chains, forks, needsUpgrade, digest } = replica.status();
  return {
    entries,
    chains,
    needsUpgrade,
    digest: toHex(digest),
    tips: replica
      .tips()
      .map(({ seq, hash }) => `${seq} ${toHex(hash)}`)
      .sort(),
    forks: sorted(forks),
    view: view(replica),
  };
}

/** Holds a replica that keeps exactly `holding` against the history's own, plain answers. */
export function checkAgainstHistory(
  replica: Replica,
  history: History,
  holding: Holding = new Set(history.entries),
): void {
  const status = replica.status();
  same(status.entries, holding.size, 'entries kept');
  same(status.chains, tipsOf(holding).length, 'chains');
  same(hashesOf(replica.tips()), hashesOf(tipsOf(holding)), 'tips');
  same(toHex(status.digest), toHex(digestOfHolding(holding)), 'digest');
  same(sorted(status.forks), sorted(forksOf(holding)), 'forks');
  checkEntries(replica, holding);
  checkCausality(replica, holding);
}

function checkEntries(replica: Replica, holding: Holding): void {
  for (const held of holding) {
    const ref = mustFind(replica, refOf(held));
    const { hlc, time } = replica.info(ref);
    assert(time === held.time && hlc === held.entry.hlc, `entry ${held.place} has its time`);
    assert(
      equalBytes(hashEntry(replica.entry(ref)), held.hash),
      `entry ${held.place} is read back from the log`,
    );
  }
}

function checkCausality(replica: Replica, holding: Holding): void {
  const refs = new Map([...holding].map((held) => [held, mustFind(replica, refOf(held))]));
  for (const [entry, ref] of refs) {
    for (const [other, otherRef] of refs) {
      if (replica.sees(ref, otherRef) === seesEntry(entry, other)) continue;
      assert(
        false,
        `entry ${entry.place} ${seesEntry(entry, other) ? 'sees' : 'does not see'} entry ${other.place}`,
      );
    }
  }
}

function sorted(forks: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...forks].sort(([a], [b]) => (a < b ? -1 : 1));
}

function hashesOf(entries: Iterable<{ readonly hash: Uint8Array }>): string[] {
  return [...entries].map(({ hash }) => toHex(hash)).sort();
}
