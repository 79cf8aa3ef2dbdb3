import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contents, headsOf, meshOf, type Nodes, put, storeOn } from './support/nodes.js';

/** Ways for two nodes to be without each other for a while. */
const separations: readonly {
  readonly name: string;
  readonly apart: (mesh: Nodes, work: Work) => Promise<void>;
}[] = [
  {
    name: 'the network parts them for a moment',
    apart: async (mesh, { a, b }) => {
      mesh.partition(['a'], ['b']);
      await a();
      await b();
      mesh.heal();
    },
  },
  {
    name: 'the network parts them for so long that they give each other up',
    apart: async (mesh, { a, b }) => {
      mesh.partition(['a'], ['b']);
      await a();
      await b();
      await mesh.advance(300_000);
      mesh.heal();
    },
  },
  {
    name: 'one is stopped, then the other',
    apart: async (mesh, { a, b }) => {
      await mesh.stop('b');
      await a();
      await mesh.stop('a');
      await mesh.start('b');
      await b();
      await mesh.start('a');
    },
  },
  {
    name: 'one is killed, then the other',
    apart: async (mesh, { a, b }) => {
      await mesh.kill('b');
      await a();
      await mesh.kill('a');
      await mesh.start('b');
      await b();
      await mesh.start('a');
    },
  },
];

interface Work {
  readonly a: () => Promise<void>;
  readonly b: () => Promise<void>;
}

for (const { name, apart } of separations) {
  test(`both write the same keys while ${name}: then both have the same, and the next write settles it`, async () => {
    await using mesh = await meshOf('a', ['b']);
    await put(mesh, 'a', 'before', 'both');
    await mesh.settle();
    await apart(mesh, {
      a: async () => {
        for (const key of ['x', 'y', 'only a']) await put(mesh, 'a', key, 'from a');
        await mesh.run(storeOn(mesh, 'a').kv().delete(new TextEncoder().encode('before')));
      },
      b: async () => {
        for (const key of ['x', 'y', 'only b', 'before']) await put(mesh, 'b', key, 'from b');
      },
    });
    await mesh.settle();

    assert.deepEqual(contents(mesh, 'a'), contents(mesh, 'b'));
    for (const node of ['a', 'b']) {
      for (const key of ['x', 'y']) assert.deepEqual(headsOf(mesh, node, key), ['from a', 'from b']);
      assert.deepEqual(headsOf(mesh, node, 'before'), ['deleted', 'from b']);
      assert.equal(contents(mesh, node)['only a'], 'from a');
      assert.equal(contents(mesh, node)['only b'], 'from b');
    }

    await put(mesh, 'a', 'x', 'settled by a');
    await put(mesh, 'b', 'before', 'settled by b');
    await mesh.settle();
    for (const node of ['a', 'b']) {
      assert.equal(contents(mesh, node).x, 'settled by a');
      assert.equal(contents(mesh, node).before, 'settled by b');
      assert.equal(headsOf(mesh, node, 'y').length, 2, 'nobody has settled this one');
    }
  });
}

test('three nodes that all write one key while apart have three heads, the same on all', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  mesh.partition(['a'], ['b'], ['c']);
  for (const node of ['a', 'b', 'c']) await put(mesh, node, 'key', `from ${node}`);
  mesh.heal();
  await mesh.settle();
  assert.deepEqual(headsOf(mesh, 'a', 'key'), ['from a', 'from b', 'from c']);
  for (const node of ['b', 'c']) assert.deepEqual(contents(mesh, node), contents(mesh, 'a'));
});
