import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecentFollowers } from '@lattice/kernel/testing';
import type { LocalRef } from '@lattice/model';
import { Dice } from '@lattice/testkit';
import fc from 'fast-check';
import { runs } from './support/runs.js';
import { seeds } from './support/trace-history.js';

const bounds = { entriesMax: 16, linksMax: 64, visitsMax: 512 };
const roomy = { entriesMax: 512, linksMax: 2_048, visitsMax: 512 };

describe('what the latest entries are followed by', () => {
  test('tells exactly who sees whom, or nothing where that was forgotten', () => {
    fc.assert(
      fc.property(seeds, fc.nat(20), (seed, first) => {
        const [small, large] = [new RecentFollowers(bounds), new RecentFollowers(roomy)];
        const graph = new Graph(new Dice(seed), first);
        for (let i = 0; i < 120; i++) {
          const { ref, named } = graph.grow();
          for (const followers of [small, large]) followers.add(ref, named);
        }
        const last = graph.last;
        for (let ref = first; ref <= last; ref++) {
          for (let other = first; other < ref; other++) {
            const entry = { ref: ref as LocalRef, seesUpTo: graph.seesUpTo(ref) };
            const [expected, some, all] = [
              graph.sees(ref, other),
              small.sees(entry, other as LocalRef),
              large.sees(entry, other as LocalRef),
            ];
            if (other <= entry.seesUpTo) continue;
            assert.equal(all, expected, `${ref} and ${other}`);
            assert.ok(some === undefined || some === expected, `${ref} and ${other} of the latest`);
            if (last - other < bounds.entriesMax) assert.notEqual(some, undefined, 'the latest are known');
            if (last - other >= bounds.entriesMax) assert.equal(some, undefined, 'older ones are not');
          }
        }
      }),
      { numRuns: runs(20), includeErrorInReport: true },
    );
  });

  test('is not told where the links to it were too many to be kept', () => {
    const followers = new RecentFollowers({ ...bounds, linksMax: 8 });
    const named = (...refs: readonly number[]) => refs.map((ref) => ({ ref: ref as LocalRef }));
    followers.add(0 as LocalRef, []);
    followers.add(1 as LocalRef, []);
    followers.add(2 as LocalRef, named(0));
    const entry = { ref: 5 as LocalRef, seesUpTo: -1 };
    assert.equal(followers.sees(entry, 0 as LocalRef), false);
    for (let ref = 3; ref < 8; ref++) followers.add(ref as LocalRef, named(1, ref - 1));
    assert.equal(followers.sees(entry, 0 as LocalRef), undefined);
    assert.equal(followers.sees(entry, 4 as LocalRef), true);
  });

  test('is not told of what was added before a gap', () => {
    const followers = new RecentFollowers(bounds);
    followers.add(0 as LocalRef, []);
    followers.add(1 as LocalRef, [{ ref: 0 as LocalRef }]);
    followers.add(3 as LocalRef, [{ ref: 0 as LocalRef }, { ref: 1 as LocalRef }]);
    followers.add(4 as LocalRef, []);
    const entry = { ref: 4 as LocalRef, seesUpTo: -1 };
    assert.equal(followers.sees(entry, 1 as LocalRef), undefined);
    assert.equal(followers.sees(entry, 3 as LocalRef), false);
  });

  test('is left to others where there are more of them than may be visited', () => {
    const followers = new RecentFollowers({ ...roomy, visitsMax: 10 });
    for (let ref = 0; ref < 100; ref++)
      followers.add(ref as LocalRef, ref === 0 ? [] : [{ ref: 0 as LocalRef }]);
    assert.equal(followers.sees({ ref: 9 as LocalRef, seesUpTo: -1 }, 0 as LocalRef), true);
    followers.add(100 as LocalRef, []);
    assert.equal(followers.sees({ ref: 100 as LocalRef, seesUpTo: -1 }, 0 as LocalRef), undefined);
  });
});

/** Entries that name a few of those before them, by chance. */
class Graph {
  readonly #past: Set<number>[] = [];

  constructor(
    readonly dice: Dice,
    readonly first: number,
  ) {}

  get last(): number {
    return this.first + this.#past.length - 1;
  }

  grow(): { readonly ref: LocalRef; readonly named: readonly { readonly ref: LocalRef }[] } {
    const ref = this.first + this.#past.length;
    const named = new Set<number>();
    for (let i = this.dice.below(4); i > 0 && ref > this.first; i--)
      named.add(ref - 1 - this.dice.below(Math.min(12, ref - this.first)));
    this.#past.push(new Set([...named].flatMap((one) => [one, ...this.#pastOf(one)])));
    return { ref: ref as LocalRef, named: [...named].map((one) => ({ ref: one as LocalRef })) };
  }

  sees(ref: number, other: number): boolean {
    return this.#pastOf(ref).has(other);
  }

  /** The alias up to which all that there is was seen. */
  seesUpTo(ref: number): number {
    let upTo = this.first - 1;
    while (this.sees(ref, upTo + 1)) upTo++;
    return upTo;
  }

  #pastOf(ref: number): ReadonlySet<number> {
    return this.#past[ref - this.first] ?? new Set();
  }
}
