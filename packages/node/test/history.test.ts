import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBytes, LatticeError, toHex } from '@lattice/model';
import type { HistoryEntry } from '@lattice/node';
import { bytes, eventsOf, join, meshOf, type Nodes, put, storeOn } from './support/nodes.js';

test('two nodes tell the same history of a store and of a key, heads and all', async () => {
  await using mesh = await conflicted();
  for (const key of [undefined, bytes('key')]) {
    const [a, b] = ['a', 'b'].map((name) => historyOf(mesh, name, key));
    assert.deepEqual(a, b);
  }
  const versions = [...storeOn(mesh, 'a').history({ key: bytes('key') })];
  assert.deepEqual(versions.map(wordsOf), ['* key = from b', '* key = from a', 'o key = before']);
  const [theirs, ours, before] = versions;
  assert.deepEqual(theirs?.deps, [before?.entry]);
  assert.deepEqual(ours?.deps, [before?.entry]);
  assert.deepEqual([...storeOn(mesh, 'a').history({ key: bytes('never') })], []);
});

test('a history can be limited', async () => {
  await using mesh = await conflicted();
  const all = historyOf(mesh, 'a');
  assert.equal(all.length, 4);
  for (const limit of [0, 1, 3, 4, 9])
    assert.deepEqual(historyOf(mesh, 'a', undefined, limit), all.slice(0, limit));
});

test('conflicts are counted until they are settled, and told when they arise', async () => {
  await using mesh = await conflicted();
  for (const name of ['a', 'b']) assert.equal(storeOn(mesh, name).status().conflicts, 1);
  const events = eventsOf(mesh, 'b');
  await put(mesh, 'a', 'key', 'settled');
  await mesh.settle();
  for (const name of ['a', 'b']) assert.equal(storeOn(mesh, name).status().conflicts, 0);
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'conflict-seen'),
    [],
  );
});

test('a conflict is told on both sides, with the key', async () => {
  await using mesh = await meshOf('a', ['b']);
  const heard = ['a', 'b'].map((name) => eventsOf(mesh, name));
  await makeConflict(mesh);
  const { id: store } = storeOn(mesh, 'a');
  for (const events of heard) {
    const conflicts = events.filter(({ kind }) => kind === 'conflict-seen');
    assert.deepEqual(conflicts, [{ kind: 'conflict-seen', store, keys: [bytes('key')], count: 1 }]);
  }
});

test('a node that starts again does not tell of old conflicts', async () => {
  await using mesh = await conflicted();
  await mesh.stop('b');
  for (const store of mesh.machine('b').disk.stores.values()) store.state.tables.clear();
  await mesh.start('b');
  const events = eventsOf(mesh, 'b');
  await mesh.settle();
  assert.equal(storeOn(mesh, 'b').status().conflicts, 1);
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'conflict-seen'),
    [],
  );
});

test('authors are told with how far each has seen the others', async () => {
  await using mesh = await conflicted();
  await put(mesh, 'a', 'other', 'sees all');
  await mesh.settle();
  await mesh.start('c');
  await join(mesh, 'c', 'a');
  await mesh.settle();
  const authors = [...storeOn(mesh, 'c').authors()].map((one) => ({
    name: mesh.nameOf(one.author),
    seqs: one.chains.map(({ seq }) => seq),
    seen: [...one.seen()].map(({ author, seq, of }) => `${mesh.nameOf(author)} ${seq} of ${of}`),
  }));
  const expected = [
    { name: 'a', seqs: [3], seen: ['b 2 of 2'] },
    { name: 'b', seqs: [2], seen: ['a 2 of 3'] },
  ].sort((one, other) => compareBytes(idOf(mesh, one.name), idOf(mesh, other.name)));
  assert.deepEqual(authors, expected);
});

test('history of a store that is closed, or of a key where there are none, is refused', async () => {
  await using mesh = await conflicted();
  const store = storeOn(mesh, 'a');
  const reading = store.history()[Symbol.iterator]();
  reading.next();
  await mesh.stop('a');
  const isClosed = (error: unknown) => error instanceof LatticeError && error.code === 'store-closed';
  assert.throws(() => reading.next(), isClosed);
  assert.throws(() => store.history(), isClosed);
  assert.throws(() => [...store.authors()], isClosed);
});

/** Two nodes with a key that both wrote without knowing of each other. */
async function conflicted(): Promise<Nodes> {
  const mesh = await meshOf('a', ['b']);
  await makeConflict(mesh);
  return mesh;
}

async function makeConflict(mesh: Nodes): Promise<void> {
  await put(mesh, 'a', 'key', 'before');
  await mesh.settle();
  mesh.partition(['a'], ['b']);
  await put(mesh, 'a', 'key', 'from a');
  await mesh.advance(1_000);
  await put(mesh, 'b', 'key', 'from b');
  mesh.heal();
  await mesh.settle();
  await put(mesh, 'b', 'unrelated', 'and in b’s name');
  await mesh.settle();
}

function historyOf(mesh: Nodes, name: string, key?: Uint8Array, limit?: number): readonly string[] {
  const options = { ...(key && { key }), ...(limit === undefined ? {} : { limit }) };
  return [...storeOn(mesh, name).history(options)].map((entry) =>
    [toHex(entry.entry), entry.time, entry.seq, wordsOf(entry), ...entry.deps.map(toHex)].join(' '),
  );
}

function wordsOf({ head, operations }: HistoryEntry): string {
  const words = operations.map(({ op, key, value }) => {
    const name = key ? text(key) : '';
    return op === 'put' && value ? `${name} = ${text(value)}` : `${op} ${name}`;
  });
  return `${head ? '*' : 'o'} ${words.join(', ')}`;
}

function idOf(mesh: Nodes, name: string): Uint8Array {
  return mesh.machine(name).nodeId;
}

function text(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}
