import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MeshEvaluation, type MeshView, ProofCache, evaluateMesh, sameView } from '@lattice/meshstore';
import { type Holding, historyOf, type TestEntry } from './dag.js';
import { counts, describe, keptOf } from './kept.js';
import { ruleOfWhatCounts } from './oracle.js';
import { holdingOf, play, type RandomMesh, script } from './random-mesh.js';

const numRuns = process.env['LATTICE_LONG'] === '1' ? 10_000 : 120;
const some = fc.array(fc.nat(200), { minLength: 1, maxLength: 4 });
const keys = fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 40 });

void test('the same entries in any order give the same view', () => {
  fc.assert(
    fc.property(script, keys, (drawn, order) => {
      const { mesh } = play(drawn);
      const key = ({ place }: TestEntry): number => order[place] ?? 0;
      const shuffled = [...mesh.dag.entries].sort((a, b) => key(a) - key(b));
      assertSameView(mesh.view(shuffled), mesh.view());
      assertSameView(mesh.view(shuffled.reverse()), mesh.view());
    }),
    { numRuns },
  );
});

void test('what counts is what the rule says, of any part of any history', () => {
  fc.assert(
    fc.property(script, some, some, (drawn, held, heldData) => {
      const world = play(drawn);
      assertFollowsRule(world, { mesh: new Set(world.mesh.dag.entries), data: new Set(world.data.entries) });
      assertFollowsRule(world, {
        mesh: holdingOf(world.mesh.dag, held),
        data: holdingOf(world.data, heldData),
      });
    }),
    { numRuns },
  );
});

void test('nodes that exchange what they keep end with the same view, and keep the same', () => {
  fc.assert(
    fc.property(script, fc.array(fc.tuple(some, some), { minLength: 2, maxLength: 4 }), (drawn, held) => {
      const world = play(drawn);
      const nodes = held.map(([mesh, data]) => ({
        mesh: holdingOf(world.mesh.dag, mesh),
        data: holdingOf(world.data, data),
      }));
      exchangeUntilQuiet(world, nodes);
      const [first, ...others] = nodes;
      assert(first !== undefined);
      for (const other of others) {
        assertSameView(viewOf(world, other), viewOf(world, first));
        assert.deepEqual(described(keptBy(world, other)), described(keptBy(world, first)));
      }
    }),
    { numRuns },
  );
});

void test('a node that drops what it need not keep sees and keeps the same', () => {
  fc.assert(
    fc.property(script, some, some, (drawn, held, heldData) => {
      const world = play(drawn);
      const node = { mesh: holdingOf(world.mesh.dag, held), data: holdingOf(world.data, heldData) };
      const kept = keptBy(world, node);
      assertSameView(viewOf(world, kept), viewOf(world, node));
      assert.deepEqual(described(keptBy(world, kept)), described(kept));
    }),
    { numRuns },
  );
});

void test('a node that evaluates at every arrival ends as one that saw everything at once, in whatever order things come', () => {
  let [extended, views] = [0, 0];
  fc.assert(
    fc.property(script, keys, some, (drawn, order, sizes) => {
      const { mesh } = play(drawn);
      const proofs = new ProofCache();
      const arrived: TestEntry[] = [];
      const evaluation = new MeshEvaluation({ ...historyOf(mesh, mesh.dag.entries), entries: [] }, proofs);
      for (const bundle of bundlesOf(arrivals(mesh.dag.entries, order), sizes)) {
        const before = evaluation.view;
        arrived.push(...bundle);
        const whole = evaluateMesh(historyOf(mesh, arrived), proofs);
        assertSameView(evaluation.add(bundle.filter(({ operations }) => operations.length > 0)), whole);
        if (before.revocations === evaluation.view.revocations) extended++;
        views++;
      }
    }),
    { numRuns: Math.ceil(numRuns / 4) },
  );
  assert(extended > views / 4 && extended < views, `${extended} of ${views} views without counting all anew`);
});

/** In an order by these keys, but each behind all that it sees. */
function arrivals(entries: readonly TestEntry[], order: readonly number[]): readonly TestEntry[] {
  const left = new Set(entries);
  const arrived: TestEntry[] = [];
  while (left.size > 0) {
    const ready = [...left].filter(({ prev, deps }) => ![prev, ...deps].some((one) => one && left.has(one)));
    const [next] = ready.sort((a, b) => (order[a.place] ?? 0) - (order[b.place] ?? 0));
    assert(next, 'the earliest of all sees nothing');
    left.delete(next);
    arrived.push(next);
  }
  return arrived;
}

/** Cut into bundles of 1 to 5 entries. */
function* bundlesOf(entries: readonly TestEntry[], sizes: readonly number[]): Iterable<readonly TestEntry[]> {
  for (let [from, i] = [0, 0]; from < entries.length; i++) {
    const size = 1 + ((sizes[i % sizes.length] ?? 0) % 5);
    yield entries.slice(from, from + size);
    from += size;
  }
}

/** What one node has of the mesh store and of the other store. */
interface Held {
  readonly mesh: Set<TestEntry>;
  readonly data: Set<TestEntry>;
}

function viewOf({ mesh }: RandomMesh, held: Held): MeshView {
  return mesh.view(held.mesh);
}

function keptBy(world: RandomMesh, held: Held): Held {
  const view = viewOf(world, held);
  return {
    mesh: keptOf(held.mesh, view.admission(world.mesh.id)),
    data: keptOf(held.data, view.admission(world.data.store)),
  };
}

/** Each in turn gives its neighbours what it keeps, until nobody learns anything. Nobody drops anything. */
function exchangeUntilQuiet(world: RandomMesh, nodes: readonly Held[]): void {
  let total = -1;
  const countHeld = (): number => nodes.reduce((sum, { mesh, data }) => sum + mesh.size + data.size, 0);
  while (countHeld() > total) {
    total = countHeld();
    nodes.forEach((node, i) => {
      const next = nodes[(i + 1) % nodes.length] as Held;
      const given = keptBy(world, node);
      const returned = keptBy(world, next);
      addAll(next, given);
      addAll(node, returned);
    });
  }
}

function addAll(held: Held, more: Held): void {
  for (const entry of more.mesh) held.mesh.add(entry);
  for (const entry of more.data) held.data.add(entry);
}

function described({ mesh, data }: Held): { mesh: string; data: string } {
  return { mesh: describe(mesh), data: describe(data) };
}

function assertFollowsRule(world: RandomMesh, held: Held): void {
  const { mesh, data } = world;
  const view = viewOf(world, held);
  const rule = ruleOfWhatCounts(mesh, held.mesh);
  const places = (entries: Holding, isIn: (entry: TestEntry) => boolean): number[] =>
    [...entries].filter((entry) => isIn(entry)).map(({ place }) => place);

  assert.deepEqual(
    view.revocations.map(({ dot }) => dot),
    rule.revocations,
  );
  const ofMesh = view.admission(mesh.id);
  assert.deepEqual(
    places(held.mesh, (entry) => counts(entry, held.mesh, ofMesh)),
    places(held.mesh, (entry) => rule.counts(entry)),
  );
  const ofData = view.admission(data.store);
  assert.deepEqual(
    places(held.data, (entry) => counts(entry, held.data, ofData)),
    places(held.data, (entry) => rule.countsIn(data.store, held.data, entry)),
  );
}

function assertSameView(a: MeshView, b: MeshView): void {
  assert.deepEqual(factsOf(a), factsOf(b));
  assert(sameView(a, b));
}

function factsOf(view: MeshView): unknown {
  return Object.entries(view).filter(([, fact]) => typeof fact !== 'function');
}
