import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backUp, restore, SeededRandom } from '@lattice/testkit';
import {
  assertSameContents,
  contents,
  eventsOf,
  headsOf,
  meshOf,
  meshOn,
  membersFor,
  type Nodes,
  put,
  storeOn,
} from './support/nodes.js';

/*
 * An adversary shows different branches of its chain to different members, as whoever puts its own data directory back before it
 * meets the next one does. Nobody can keep it from that; all must agree on what it wrote once they meet.
 */

test('different branches that are shown to different members are all kept by all, and told as a fork', async () => {
  await using mesh = await meshOf('a', ['b', 'c', 'evil']);
  const victims = ['a', 'b', 'c'];
  await put(mesh, 'evil', 'before', '1');
  await mesh.settle();
  const heard = victims.map((name) => eventsOf(mesh, name));
  await equivocate(mesh, 'evil', victims, (victim) => put(mesh, 'evil', 'key', `for ${victim}`));
  for (const name of victims) assert.deepEqual(storeOn(mesh, name).status().forks, [], name);
  for (const name of victims) assert.deepEqual(contents(mesh, name), { before: '1', key: `for ${name}` });

  mesh.heal();
  await mesh.settle();
  const author = mesh.machine('evil').nodeId;
  for (const [i, name] of victims.entries()) {
    assert.deepEqual(headsOf(mesh, name, 'key'), ['for a', 'for b', 'for c'], name);
    assert.deepEqual(storeOn(mesh, name).status().forks, [{ author, branches: 3 }], name);
    const authors = [...storeOn(mesh, name).authors()].filter((one) =>
      one.author.every((byte, at) => byte === author[at]),
    );
    assert.deepEqual(
      authors.map(({ chains }) => chains.length),
      [3],
      name,
    );
    const own = [...storeOn(mesh, name).history()].filter(({ forked }) => forked);
    assert.equal(own.length, 3, name);
    assert(
      (heard[i] ?? []).some(({ kind }) => kind === 'fork-seen'),
      name,
    );
  }
  assertSameContents(mesh, victims);
  await put(mesh, 'b', 'key', 'settled');
  await mesh.settle();
  for (const name of victims) assert.deepEqual(headsOf(mesh, name, 'key'), ['settled'], name);
});

test('different invitations and stores of one key, shown to different members, are the same mesh to all in the end', async () => {
  await using mesh = await meshOf('a', ['b', 'c', 'evil']);
  const victims = ['a', 'b', 'c'];
  await equivocate(mesh, 'evil', victims, async (victim) => {
    const store = await mesh.run(meshOn(mesh, 'evil').createStore({ name: `store for ${victim}` }));
    await put(mesh, 'evil', 'key', victim, store.name);
    await mesh.run(mesh.node('evil').setName(`friend of ${victim}`));
  });
  mesh.heal();
  await mesh.settle();
  const stores = ['main', ...victims.map((name) => `store for ${name}`)];
  for (const name of victims) {
    assert.deepEqual(
      meshOn(mesh, name)
        .stores()
        .map((store) => store.name)
        .toSorted(),
      stores,
      name,
    );
    for (const victim of victims)
      assert.deepEqual(contents(mesh, name, `store for ${victim}`), { key: victim }, name);
    assert.deepEqual(membersFor(mesh, name), membersFor(mesh, 'a'), name);
    assert.deepEqual(meshOn(mesh, name).status().digest, meshOn(mesh, 'a').status().digest, name);
  }
  const named = victims.map((name) =>
    meshOn(mesh, name)
      .peers()
      .map((peer) => peer.name),
  );
  for (const names of named) assert.deepEqual(names, named[0]);
});

test('an adversary that is revoked by those who saw one branch keeps no say on any other', async () => {
  await using mesh = await meshOf('a', ['b', 'evil']);
  await equivocate(mesh, 'evil', ['a', 'b'], (victim) => put(mesh, 'evil', victim, 'of evil'));
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('evil').nodeId));
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });
  for (const name of ['a', 'b']) assert.deepEqual(contents(mesh, name), { a: 'of evil' }, name);
  assert.deepEqual(storeOn(mesh, 'a').status().digest, storeOn(mesh, 'b').status().digest);
});

test('whatever branches are shown to whom, in whatever order members meet, all agree in the end', async () => {
  const seed = Number(process.env.LATTICE_SEED ?? 1);
  const random = new SeededRandom(seed);
  const victims = ['a', 'b', 'c', 'd'];
  await using mesh = await meshOf('a', ['b', 'c', 'd', 'evil'], { seed });
  await equivocate(mesh, 'evil', victims, async (victim) => {
    const writes = 1 + random.below(4);
    for (let i = 0; i < writes; i++) await put(mesh, 'evil', `key ${random.below(3)}`, `${i} for ${victim}`);
  });
  for (let round = 0; round < 6; round++) {
    const order = shuffled(victims, random);
    mesh.heal();
    mesh.partition(order.slice(0, 2), order.slice(2));
    const writer = order[0] ?? 'a';
    await put(mesh, writer, `key ${random.below(3)}`, `${round} of ${writer}`);
    await mesh.settle({ nodes: order.slice(0, 2) });
    await mesh.settle({ nodes: order.slice(2) });
  }
  mesh.heal();
  await mesh.settle();
  assertSameContents(mesh, victims);
  const [first, ...others] = victims.map((name) => storeOn(mesh, name).status());
  for (const other of others) {
    assert.deepEqual(other.forks, first?.forks, `seed ${seed}`);
    assert.deepEqual(other.digest, first?.digest, `seed ${seed}`);
  }
  assert.equal(first?.forks[0]?.branches, victims.length, `seed ${seed}`);
});

/**
 * Has an adversary meet each of the victims alone, after it put back what it had before it met the others, and do something.
 * Afterwards it is gone, and nobody can reach anybody.
 */
async function equivocate(
  mesh: Nodes,
  adversary: string,
  victims: readonly string[],
  act: (victim: string) => Promise<unknown>,
): Promise<void> {
  await mesh.settle();
  const { disk, nodeId } = mesh.machine(adversary);
  const before = backUp(disk);
  await mesh.stop(adversary);
  mesh.partition([adversary], ...victims.map((victim) => [victim]));
  for (const victim of victims) {
    restore(disk, before);
    mesh.network.heal(nodeId, mesh.machine(victim).nodeId);
    await mesh.start(adversary);
    await act(victim);
    await mesh.settle({ nodes: [adversary, victim] });
    await mesh.stop(adversary);
    mesh.partition([adversary], [victim]);
  }
}

function shuffled<T>(items: readonly T[], random: SeededRandom): readonly T[] {
  const keyed = items.map((item) => [random.below(2 ** 30), item] as const);
  return keyed.toSorted(([a], [b]) => a - b).map(([, item]) => item);
}
