import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idKey, type Hlc } from '@lattice/model';
import { type MeshView, sameRules, sameView } from '@lattice/meshstore';
import type { KeyPair } from '@lattice/crypto';
import { createStore, storeIdOf, TestMesh, testNode } from './mesh.js';

function nameOf(view: MeshView, { nodeId }: KeyPair): string | undefined {
  return view.members.get(idKey(nodeId))?.name;
}

function storeNames(view: MeshView): string[] {
  return [...view.stores.values()].map(({ name, removed }) => (removed ? `(${name})` : name));
}

void test('a new mesh has its creator and nothing else', () => {
  const mesh = new TestMesh();
  const view = mesh.view();
  assert.deepEqual(
    [...view.members.values()],
    [
      {
        nodeId: mesh.creator.nodeId,
        name: '',
        role: 'member',
        status: 'member',
        admittedAt: 0n as Hlc,
        admissions: [],
        revokedBy: [],
      },
    ],
  );
  assert.deepEqual(
    [view.name, view.invites.length, view.stores.size, view.revocations.length],
    ['', 0, 0, 0],
  );
});

void test('a node is called what it was admitted as, until it names itself', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  assert.equal(nameOf(mesh.view(), bob), 'bob');
  mesh.write(bob, [{ kind: 'nameNode', name: 'Robert' }]);
  mesh.write(mesh.creator, [{ kind: 'nameNode', name: 'Alice' }]);
  assert.equal(nameOf(mesh.view(), bob), 'Robert');
  assert.equal(nameOf(mesh.view(), mesh.creator), 'Alice');
});

void test('of names given at once the greatest in (time, author, entry hash, op index) holds, for all', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const [base] = mesh.tipOf(mesh.creator);
  assert(base !== undefined);
  mesh.nowMs += 60_000;
  mesh.write(mesh.creator, [{ kind: 'nameMesh', name: 'later' }], { seeing: [base] });
  mesh.nowMs -= 30_000;
  mesh.write(bob, [{ kind: 'nameMesh', name: 'earlier' }], { seeing: [base] });
  assert.equal(mesh.view().name, 'later');
  mesh.write(bob, [
    { kind: 'nameMesh', name: 'first' },
    { kind: 'nameMesh', name: 'second' },
  ]);
  assert.equal(mesh.view().name, 'second');
});

void test('members are listed by seniority, the creator first', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  mesh.join(bob, 'carol');
  mesh.join(mesh.creator, 'dave');
  mesh.write(mesh.creator, [{ kind: 'nameNode', name: 'alice' }]);
  assert.deepEqual(
    [...mesh.view().members.values()].map(({ name }) => name),
    ['alice', 'bob', 'carol', 'dave'],
  );
});

void test('an invite shows who made it and who came in on it', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const carol = testNode('carol');
  const [used, free] = [mesh.invite(bob), mesh.invite(bob, { expiryMs: 5 })];
  mesh.admit(mesh.creator, carol, used);
  const [, first, second] = mesh.view().invites;
  assert.deepEqual([first?.invitedBy, first?.usedBy], [bob.nodeId, [carol.nodeId]]);
  assert.deepEqual([second?.dot, second?.expiryMs, second?.usedBy], [free.dot, 5, []]);
});

void test('a store is listed with the genesis that its operation stands for', () => {
  const mesh = new TestMesh();
  const op = createStore('notes');
  mesh.write(mesh.creator, [op]);
  const id = storeIdOf(mesh, 'notes');
  assert.deepEqual(
    [...mesh.view().stores],
    [
      [
        idKey(id),
        {
          id,
          genesis: { kind: 'store', type: 'kv', mesh: mesh.id, random: op.random },
          createdBy: mesh.creator.nodeId,
          namedBy: mesh.creator.nodeId,
          name: 'notes',
          removed: false,
        },
      ],
    ],
  );
});

void test('a store is renamed, and once removed stays so', () => {
  const mesh = new TestMesh();
  const store = storeIdOf(mesh, 'notes');
  mesh.write(mesh.creator, [createStore('notes'), createStore('other')]);
  mesh.write(mesh.creator, [{ kind: 'nameStore', store, name: 'diary' }]);
  assert.deepEqual(storeNames(mesh.view()), ['diary', 'other']);
  mesh.write(mesh.creator, [{ kind: 'removeStore', store }]);
  mesh.write(mesh.creator, [createStore('notes')]);
  assert.deepEqual(storeNames(mesh.view()), ['(diary)', 'other']);
});

void test('a store that is renamed stays so, also where a clock that was ahead dates its creation later', () => {
  const mesh = new TestMesh();
  mesh.nowMs += 600_000;
  mesh.write(mesh.creator, [createStore('notes')], { seeing: [] });
  mesh.nowMs -= 600_000;
  const store = storeIdOf(mesh, 'notes');
  // As the writer goes on once its clock is set right: beside what is dated ahead.
  mesh.write(mesh.creator, [{ kind: 'nameStore', store, name: 'diary' }], { seeing: [], from: null });
  assert.deepEqual(storeNames(mesh.view()), ['diary']);
});

void test('a name for a store that nobody created creates none', () => {
  const mesh = new TestMesh();
  mesh.write(mesh.creator, [{ kind: 'nameStore', store: storeIdOf(mesh, 'notes'), name: 'ghost' }]);
  assert.equal(mesh.view().stores.size, 0);
});

void test('a store that a stranger or a revoked node created is not listed', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  mesh.write(testNode('stranger'), [createStore('junk')]);
  mesh.write(bob, [createStore('bobs')]);
  assert.deepEqual(storeNames(mesh.view()), ['bobs']);
  mesh.revoke(mesh.creator, bob, []);
  assert.deepEqual(storeNames(mesh.view()), []);
});

void test('views that say the same are the same; a name changes the view and not the rules', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const before = mesh.view();
  assert(sameView(before, mesh.view()) && sameRules(before, mesh.view()));
  mesh.write(mesh.creator, []);
  mesh.write(testNode('stranger'), [{ kind: 'nameMesh', name: 'junk' }]);
  assert(sameView(before, mesh.view()));
  mesh.write(mesh.creator, [{ kind: 'nameMesh', name: 'home' }]);
  const named = mesh.view();
  assert(!sameView(before, named) && sameRules(before, named));
  mesh.join(bob, 'carol');
  const joined = mesh.view();
  assert(!sameView(named, joined) && !sameRules(named, joined));
  mesh.revoke(mesh.creator, bob, mesh.tipOf(bob));
  const revoked = mesh.view();
  assert(!sameView(joined, revoked) && !sameRules(joined, revoked));
});
