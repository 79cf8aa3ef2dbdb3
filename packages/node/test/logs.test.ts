import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogAdditions } from '@lattice/node';
import { displayUtf8, LatticeError, utf8 } from '@lattice/model';
import { meshOf, meshOn, type Nodes, storeOn } from './support/nodes.js';

test('what was appended on both sides of a partition is one log, and a follower is told what came late', async () => {
  await using mesh = await logMesh();
  const follow = storeOn(mesh, 'b', 'events').log().follow()[Symbol.asyncIterator]();
  await next(follow, mesh);
  mesh.partition(['a'], ['b']);
  await append(mesh, 'a', 'first of a');
  await mesh.advance(1_000);
  await append(mesh, 'b', 'of b');
  assert.deepEqual(told(await next(follow, mesh)), ['of b']);
  await mesh.advance(1_000);
  await append(mesh, 'a', 'second of a');
  mesh.heal();
  await mesh.settle();
  const late: string[] = [];
  while (late.length < 2) late.push(...told(await next(follow, mesh)));
  assert.deepEqual(late, ['first of a (late)', 'second of a']);
  for (const node of ['a', 'b'])
    assert.deepEqual(valuesOn(mesh, node), ['first of a', 'of b', 'second of a']);
  await follow.return?.();
});

test('a log is the same after both nodes were started again, and its positions are', async () => {
  await using mesh = await logMesh();
  const position = await append(mesh, 'a', 'one');
  await mesh.settle();
  await append(mesh, 'b', 'two');
  await mesh.settle();
  for (const node of ['a', 'b']) {
    await mesh.stop(node);
    await mesh.start(node);
    const log = storeOn(mesh, node, 'events').log();
    assert.deepEqual(log.tail(9)[0]?.position, position);
    assert.equal(log.count, 2);
  }
});

test('a store of one type is not used as another', async () => {
  await using mesh = await logMesh();
  for (const use of [
    () => storeOn(mesh, 'a', 'events').kv(),
    () => storeOn(mesh, 'a', 'events').history({ key: utf8('key') }),
    () => storeOn(mesh, 'a').log(),
  ])
    assert.throws(use, (error) => error instanceof LatticeError && error.code === 'store-type-mismatch');
  await append(mesh, 'a', 'one');
  const [entry] = storeOn(mesh, 'a', 'events').history();
  assert.deepEqual(
    entry?.operations.map(({ op, value = new Uint8Array() }) => [op, displayUtf8(value)]),
    [['append', 'one']],
  );
});

/** Two nodes that have the log "events". */
async function logMesh(): Promise<Nodes> {
  const mesh = await meshOf('a', ['b']);
  await mesh.run(meshOn(mesh, 'a').createStore({ type: 'log', name: 'events' }));
  await mesh.settle();
  return mesh;
}

function append(mesh: Nodes, node: string, value: string): Promise<Uint8Array> {
  return mesh.run(storeOn(mesh, node, 'events').log().append(utf8(value)));
}

function valuesOn(mesh: Nodes, node: string): readonly string[] {
  return [...storeOn(mesh, node, 'events').log().range()].map(({ value }) => displayUtf8(value));
}

async function next(follow: AsyncIterator<LogAdditions>, mesh: Nodes): Promise<LogAdditions> {
  const { value, done } = await mesh.run(follow.next());
  assert.ok(done !== true, 'the follower is told on');
  return value;
}

function told({ items }: LogAdditions): readonly string[] {
  return items.map(({ value, late }) => displayUtf8(value) + (late ? ' (late)' : ''));
}
