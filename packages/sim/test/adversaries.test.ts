import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nuisances, type Scene, seconds, tell } from '@lattice/sim';

/** Tells it, and demands that all is as it must be in the end; returns what came of it. */
function assault(about: string, story: (scene: Scene) => Promise<void>): void {
  test(about, async () => {
    const { findings, trace } = await tell(1, story);
    assert.deepEqual(findings, [], trace.slice(-60).join('\n'));
  });
}

assault('a member who tells one peer this and the other one that', async ({ mesh, pass }) => {
  await mesh.of('a', 'b', 'c');
  await mesh.node('c').put('k1', 'honest');
  const thief = await mesh.thief('t', 'c');
  await mesh.node('c').kill();
  await thief.forge('for a');
  await thief.forge('for b', { from: 'middle' });
  await thief.hand('for a', 'a');
  await thief.hand('for b', 'b');
  await pass(seconds(60));
  assert.deepEqual(mesh.node('a').forks('main'), ['c']);
  assert.equal(mesh.node('a').get('k1'), mesh.node('b').get('k1'));
});

assault('one who signs in the name of another is not believed', async ({ mesh, pass }) => {
  await mesh.of('a', 'b', 'c');
  await mesh.node('b').put('k1', 'honest');
  await pass(seconds(2));
  await mesh.node('c').kill();
  const thief = await mesh.thief('t', 'c');
  await thief.forge('as b', { inTheNameOf: 'b' });
  await thief.hand('as b', 'a');
  await pass(seconds(60));
  assert.equal(mesh.node('a').get('k1'), 'honest');
});

assault('one who was revoked forks from before its cut-off: nobody keeps that', async ({ mesh, pass }) => {
  await mesh.of('a', 'b', 'c');
  await mesh.node('c').put('k1', 'first');
  await mesh.node('c').put('k2', 'second');
  await pass(seconds(2));
  const thief = await mesh.thief('t', 'c');
  await mesh.node('a').revoke('c');
  await mesh.node('c').kill();
  const before = mesh.node('b').entries('main');
  await thief.forge('late', { from: 'root', dated: 'back', entries: 3 });
  for (const how of ['push', 'sync', 'handover'] as const) {
    await thief.hand('late', 'a', { how });
    await thief.hand('late', 'b', { how });
    await pass(seconds(20));
  }
  assert.equal(mesh.node('b').get('k1'), 'first');
  assert.equal(mesh.node('b').entries('main'), before);
});

assault('a junior key that was stolen revokes its seniors: it is out, and they are not', async (scene) => {
  const { mesh, net, pass } = scene;
  await mesh.of('a', 'b', 'c');
  const thief = await mesh.thief('t', 'c');
  await net.partition(['a', 'b'], ['c']);
  await pass(seconds(40));
  await thief.forge('coup', {
    store: 'mesh',
    entries: 1,
    says: { kind: 'revoke', whom: 'b', upTo: 'nothing' },
  });
  await mesh.node('b').revoke('c');
  await net.heal();
  await thief.hand('coup', 'a');
  await pass(seconds(120));
  assert.deepEqual(mesh.node('a').members(), ['a', 'b']);
});

assault('a senior key that was stolen revokes a junior, and lets a stranger in', async ({ mesh, pass }) => {
  await mesh.of('a', 'b', 'c');
  await mesh.node('x').start();
  await mesh.node('c').put('k1', 'of the junior');
  await pass(seconds(2));
  const thief = await mesh.thief('t', 'b');
  await mesh.node('b').kill();
  await thief.forge('in', { store: 'mesh', says: { kind: 'admit', whom: 'x', proof: 'right' } });
  await thief.forge('out', {
    store: 'mesh',
    from: 'last',
    entries: 1,
    says: { kind: 'revoke', whom: 'c', upTo: 'tips' },
  });
  await thief.hand('in', 'a');
  await thief.hand('out', 'a');
  await pass(seconds(60));
  assert.deepEqual(mesh.node('a').members(), ['a', 'b', 'x']);
  assert.equal(mesh.node('a').get('k1'), 'of the junior');
});

assault('deps that there are not keep nobody from anything', async ({ mesh, pass }) => {
  await mesh.of('a', 'b', 'c');
  await mesh.node('c').kill();
  const thief = await mesh.thief('t', 'c');
  for (const names of ['fabricated', 'mismatched', 'tooMany'] as const) {
    await thief.forge(names, { names });
    await thief.hand(names, 'a');
    await pass(seconds(10));
  }
  await mesh.node('a').put('k1', 'honest');
  await pass(seconds(30));
  assert.equal(mesh.node('b').get('k1'), 'honest');
});

assault('a bomb of branches is kept by all, and named by none beyond eight', async ({ mesh, pass }) => {
  await mesh.of('a', 'b', 'c');
  await mesh.node('c').put('k1', 'honest');
  await pass(seconds(1));
  await mesh.node('c').kill();
  const thief = await mesh.thief('t', 'c');
  await thief.forge('bomb', { branches: 300, entries: 1 });
  await thief.hand('bomb', 'a');
  await pass(seconds(10));
  await mesh.node('a').put('k99', 'goes on');
  await pass(seconds(30));
  assert.equal(mesh.node('b').get('k99'), 'goes on');
});

assault(
  'dates of any kind: what is too far ahead waits, and the rest has its place',
  async ({ mesh, pass }) => {
    await mesh.of('a', 'b', 'c');
    await mesh.node('c').put('k1', 'honest');
    await pass(seconds(1));
    await mesh.node('c').kill();
    const thief = await mesh.thief('t', 'c');
    for (const dated of ['back', 'zero', 'ahead', 'held', 'far', 'limit'] as const) {
      await thief.forge(dated, { dated, from: 'middle' });
      await thief.hand(dated, 'a');
      await pass(seconds(10));
    }
  },
);

assault('more that waits than there is room for, and every other nuisance', async ({ mesh, pass }) => {
  await mesh.of('a', 'b', 'c');
  await mesh.node('c').kill();
  const thief = await mesh.thief('t', 'c');
  for (const how of nuisances) {
    await thief.pester('a', how);
    await mesh.node('a').put('k1', how);
    await pass(seconds(30));
    assert.equal(mesh.node('b').get('k1'), how);
  }
});

assault('junk of a stranger at the door is taken up to 64 KiB', async ({ mesh, pass }) => {
  await mesh.of('a', 'b');
  const before = await mesh.node('a').logBytes();
  const stranger = await mesh.thief('x', 'stranger');
  await stranger.forge('junk', {
    store: 'mesh',
    from: 'root',
    entries: 10,
    names: 'nothing',
    says: { kind: 'bulk' },
  });
  await stranger.hand('junk', 'a', { how: 'handover', singly: true });
  await pass(seconds(60));
  const taken = (await mesh.node('a').logBytes()) - before;
  assert(taken > 40_000 && taken < 70_000, `${taken} bytes of junk`);
});

assault(
  'an admission that does not count, dated back to the first days, makes nobody senior',
  async (scene) => {
    const { mesh, net, pass } = scene;
    await mesh.of('a', 'b', 'c', 'd');
    const thief = await mesh.thief('t', 'd');
    await mesh.node('d').kill();
    const says = { kind: 'admit', whom: 'c', proof: 'right' } as const;
    await thief.forge('old', { store: 'mesh', from: 'root', dated: 'zero', names: 'nothing', says });
    await thief.forge('young', { store: 'mesh', from: 'last', entries: 1, says: { kind: 'nothing' } });
    await thief.hand('old', 'a');
    await thief.hand('young', 'a');
    await pass(seconds(30));
    await net.partition(['a'], ['b'], ['c']);
    await pass(seconds(40));
    await mesh.node('b').revoke('c');
    await mesh.node('c').revoke('b');
    await net.heal();
    await pass(seconds(120));
    assert.deepEqual(mesh.node('a').members(), ['a', 'b', 'd']);
  },
);
