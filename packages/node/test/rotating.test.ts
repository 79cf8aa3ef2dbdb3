import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equalBytes, idKey, type NodeId, toHex } from '@lattice/model';
import type { RotateReport } from '@lattice/node';
import type { MemoryDisk } from '@lattice/storage';
import {
  contents,
  headsOf,
  invite,
  join,
  meshOf,
  meshOn,
  type Nodes,
  onlineFor,
  put,
  storeOn,
} from './support/nodes.js';

test('a rotated node is another member, with all that it had, and what it wrote stays that of the old one', async () => {
  await using mesh = await meshOf('a', ['b']);
  await put(mesh, 'b', 'key', 'before');
  await mesh.settle();
  const former = mesh.machine('b').nodeId;
  const report = await rotate(mesh, 'b', { name: 'new b' });
  const { nodeId } = mesh.machine('b');
  assert(!equalBytes(nodeId, former));
  const home = { uuid: meshOn(mesh, 'a').uuid, name: 'home' };
  assert.deepEqual(report, { nodeId, formerId: former, meshes: [home], notIn: [] });

  const node = await mesh.start('b');
  assert.deepEqual(node.id, nodeId);
  assert.equal(node.status().name, 'new b');
  assert.deepEqual(contents(mesh, 'b'), { key: 'before' });
  await put(mesh, 'b', 'key', 'after');
  await mesh.settle();
  for (const name of ['a', 'b']) {
    assert.deepEqual(contents(mesh, name), { key: 'after' }, name);
    assert.deepEqual(storeOn(mesh, name).status().forks, [], name);
    assert.deepEqual(namesAndStandings(mesh, name), ['a member', 'b member', 'new b member'], name);
    const authors = [...storeOn(mesh, name).authors()].map(({ author }) => toHex(author));
    assert(authors.includes(toHex(former)) && authors.includes(toHex(nodeId)), name);
  }
  assert.deepEqual(onlineFor(mesh, 'a'), ['b']);
});

test('a rotated node does not look for its former key where it is itself', async () => {
  await using mesh = await meshOf('a', []);
  mesh.machine('b').moveTo('memory:where b is');
  await mesh.start('b');
  await join(mesh, 'b', 'a');
  await mesh.settle();
  const former = mesh.machine('b').nodeId;
  await rotate(mesh, 'b');
  const dialled: NodeId[] = [];
  mesh.machine('b').onDial = (peer) => void dialled.push(peer);
  await mesh.start('b');
  await mesh.advance(60_000);
  assert.deepEqual(onlineFor(mesh, 'b'), ['a']);
  assert(!dialled.some((peer) => equalBytes(peer, former)));
});

test('a twin that rotates forks no more, though both go on, and never met before', async () => {
  await using mesh = await meshOf('a', ['b']);
  await put(mesh, 'b', 'before', '1');
  await mesh.settle();
  mesh.restoredElsewhere('twin', await backUp(mesh, 'b'));
  const former = mesh.machine('b').nodeId;
  await put(mesh, 'b', 'of the original', '1');
  await mesh.settle();
  mesh.partition(['b'], ['a']);
  await mesh.start('twin');
  await put(mesh, 'twin', 'of the twin', '1');
  await rotate(mesh, 'twin');
  await mesh.start('twin');
  const forks = [{ author: former, branches: 2 }];
  for (let round = 0; round < 3; round++) {
    await put(mesh, 'twin', `twin ${round}`, '1');
    await put(mesh, 'b', `b ${round}`, '1');
    await put(mesh, 'b', 'key', `b ${round}`);
    await put(mesh, 'twin', 'key', `twin ${round}`);
    if (round === 0) mesh.heal();
    await mesh.settle();
    for (const name of ['a', 'b', 'twin']) {
      assert.deepEqual(storeOn(mesh, name).status().forks, forks, `${name}, round ${round}`);
      assert.deepEqual(contents(mesh, name), contents(mesh, 'a'), name);
      assert.deepEqual(headsOf(mesh, name, 'key'), [`b ${round}`, `twin ${round}`], name);
    }
  }
  assert.equal(Object.keys(contents(mesh, 'a')).length, 10);
  assert.match(mesh.node('b').status().warnings.join('\n'), /2 histories in the store "main"/);
  assert.deepEqual(mesh.node('twin').status().warnings, [], 'the fork is not its own any more');
});

test('a node that rotated again and again, far from everybody, is still let in', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.stop('b');
  for (let turn = 0; turn < 5; turn++) {
    mesh.partition(['b'], ['a']);
    await mesh.start('b');
    await put(mesh, 'b', `turn ${turn}`, '1');
    await rotate(mesh, 'b');
  }
  mesh.heal();
  await mesh.start('b');
  await mesh.settle();
  assert.equal(Object.keys(contents(mesh, 'a')).length, 5);
  assert.equal(meshOn(mesh, 'a').peers().length, 7);
});

test('a rotated node that forgot where the others are is told so by a token', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.machine('a').moveTo('memory:moved');
  await rotate(mesh, 'b');
  mesh.machine('b').disk.meta.replace(new Map());
  const node = await mesh.start('b');
  await put(mesh, 'b', 'key', 'value');
  await mesh.advance(60_000);
  assert.deepEqual(onlineFor(mesh, 'b'), [], 'nobody knows its new key, to call it by');
  await mesh.run(node.joinMesh(await invite(mesh, 'a')));
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'a'), { key: 'value' });
});

test('two copies that both rotate are two nodes', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.restoredElsewhere('twin', await backUp(mesh, 'b'));
  await mesh.start('twin');
  for (const name of ['b', 'twin']) {
    await rotate(mesh, name);
    await mesh.start(name);
    await put(mesh, name, name, '1');
  }
  await mesh.settle();
  for (const name of ['a', 'b', 'twin']) {
    assert.deepEqual(contents(mesh, name), { b: '1', twin: '1' }, name);
    assert.deepEqual(storeOn(mesh, name).status().forks, [], name);
  }
  assert.notDeepEqual(mesh.machine('b').nodeId, mesh.machine('twin').nodeId);
});

test('a rotation that is cut off at any step leaves the old identity, whole, or the new one, and is finished by another', async () => {
  const outcomes = new Set<string>();
  for (let step = 1; step <= 8; step++) {
    await using mesh = await inTwoMeshes();
    const former = mesh.machine('b').nodeId;
    mesh.machine('b').killAtStep(step);
    void mesh
      .node('b')
      .rotate()
      .catch(() => undefined);
    await mesh.advance(1_000);
    if (mesh.running.includes('b')) await mesh.kill('b');
    const successor = mesh.machine('b').disk.successor;
    const node = await mesh.start('b');
    const isOld = equalBytes(node.id, former);
    outcomes.add(`${step} ${isOld ? 'old' : 'new'}`);
    await writesEverywhere(mesh, `step ${step}`);
    if (isOld) {
      await rotate(mesh, 'b');
      if (successor)
        assert.deepEqual(mesh.machine('b').disk.identity, successor, 'it goes on with the same key');
      await mesh.start('b');
      await writesEverywhere(mesh, `step ${step}, again`);
    }
    // Neither of them, but the new one, is a third member.
    for (const one of mesh.node('a').meshes()) assert.equal(one.peers().length, 3, `step ${step}`);
  }
  assert(outcomes.has('1 old') && outcomes.has('6 old') && outcomes.has('7 new'), [...outcomes].join());
});

test('the new key can end the say of the old one, and keeps its own', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.restoredElsewhere('thief', await backUp(mesh, 'b'));
  await put(mesh, 'b', 'key', 'value');
  const former = mesh.machine('b').nodeId;
  await rotate(mesh, 'b');
  await mesh.start('b');
  await mesh.settle();
  await mesh.run(meshOn(mesh, 'b').revoke(former));
  await mesh.settle();
  await mesh.start('thief');
  await put(mesh, 'thief', 'key', 'stolen');
  await mesh.advance(60_000);
  await put(mesh, 'b', 'more', '1');
  await mesh.settle({ nodes: ['a', 'b'] });
  for (const name of ['a', 'b']) {
    assert.deepEqual(contents(mesh, name), { key: 'value', more: '1' }, name);
    assert.equal(standingOf(mesh, name, former), 'revoked', name);
  }
});

test('what creates a mesh can rotate as any other', async () => {
  await using mesh = await meshOf('a', ['b']);
  await rotate(mesh, 'a');
  await mesh.start('a');
  await put(mesh, 'a', 'key', 'value');
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'b'), { key: 'value' });
  await mesh.start('c');
  await join(mesh, 'c', 'a');
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'c'), { key: 'value' });
});

test('whoever was revoked, or left, is somebody else after a rotation, and may be invited again', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await put(mesh, 'a', 'key', 'value');
  await mesh.settle();
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('b').nodeId));
  await mesh.run(mesh.node('c').leaveMesh(meshOn(mesh, 'c')));
  await mesh.settle({ nodes: ['a'] });
  const home = { uuid: meshOn(mesh, 'a').uuid, name: 'home' };
  for (const [name, notIn] of [
    ['b', [home]],
    ['c', []],
  ] as const) {
    const report = await rotate(mesh, name);
    assert.deepEqual([report.meshes, report.notIn], [[], notIn], name);
    const node = await mesh.start(name);
    await mesh.run(node.joinMesh(await invite(mesh, 'a')));
    await put(mesh, name, name, '1');
  }
  await mesh.settle();
  for (const name of ['a', 'b', 'c']) {
    assert.deepEqual(contents(mesh, name), { b: '1', c: '1', key: 'value' }, name);
  }
  const all = meshOn(mesh, 'a').peers();
  const standings = all.map(({ status }) => status).toSorted((a, b) => (a < b ? -1 : 1));
  assert.deepEqual(standings, ['left', 'member', 'member', 'member', 'revoked']);
});

test('a node that wrote with a clock far ahead does not rotate where its admission would not be taken yet', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.skew('b', 3_600_000);
  await mesh.run(meshOn(mesh, 'b').createInvite());
  mesh.skew('b', 0);
  await mesh.restart('b');
  const { identity } = mesh.machine('b').disk;
  await assert.rejects(mesh.run(mesh.node('b').rotate()), {
    code: 'clock-ahead',
    message: /If the clock is right now, run `node repair-clock`, then this again; else set it first\.$/,
  });
  assert.equal(mesh.machine('b').disk.identity, identity);
  await put(mesh, 'b', 'key', 'value');
  assert.equal(mesh.machine('b').disk.successor, undefined);

  await mesh.run(mesh.node('b').repairClock());
  const { nodeId } = await rotate(mesh, 'b');
  await mesh.start('b');
  await mesh.advance(60_000);
  const peers = meshOn(mesh, 'a').peers();
  assert.equal(peers.find((peer) => idKey(peer.nodeId) === idKey(nodeId))?.status, 'member');
});

test('a name that is none is refused, and nothing is done', async () => {
  await using mesh = await meshOf('a', []);
  await assert.rejects(mesh.run(mesh.node('a').rotate({ name: '' })), { code: 'invalid-name' });
  assert.equal(mesh.machine('a').disk.successor, undefined);
});

/** The node is closed after it. */
async function rotate(mesh: Nodes, name: string, options: { name?: string } = {}): Promise<RotateReport> {
  const report = await mesh.run(mesh.node(name).rotate(options));
  await mesh.stop(name);
  return report;
}

async function inTwoMeshes(): Promise<Nodes> {
  const mesh = await meshOf('a', ['b']);
  const second = await mesh.run(mesh.node('b').createMesh({ name: 'second' }));
  const { token } = await mesh.run(second.createInvite());
  await mesh.run(mesh.node('a').joinMesh(token));
  await mesh.settle();
  return mesh;
}

/** What b writes in each mesh counts there for a. */
async function writesEverywhere(mesh: Nodes, key: string): Promise<void> {
  const [at, value] = [key, 'value'].map((one) => new TextEncoder().encode(one));
  assert(at && value);
  const stores = (name: string) =>
    ['home', 'second'].map((one) => mesh.node(name).mesh(one).store('main').kv());
  for (const kv of stores('b')) await mesh.run(kv.put(at, value));
  await mesh.settle();
  for (const kv of stores('a')) assert.deepEqual(kv.get(at)?.value, value, key);
}

async function backUp(mesh: Nodes, name: string): Promise<MemoryDisk> {
  await mesh.run(mesh.node(name).backup('copy'));
  const backup = mesh.machine(name).disk.backups.get('copy');
  assert(backup);
  return backup;
}

function namesAndStandings(mesh: Nodes, name: string): readonly string[] {
  return meshOn(mesh, name)
    .peers()
    .map((peer) => `${peer.name} ${peer.status}`)
    .sort();
}

function standingOf(mesh: Nodes, name: string, node: NodeId): string | undefined {
  const peers = meshOn(mesh, name).peers();
  return peers.find(({ nodeId }) => equalBytes(nodeId, node))?.status;
}
