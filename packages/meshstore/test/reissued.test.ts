import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hash, toHex } from '@lattice/model';
import { decodeMeshOps, meshMachine, type MeshOp } from '@lattice/meshstore';
import type { TestEntry } from './dag.js';
import { createStore, storeIdOf, TestMesh, testNode } from './mesh.js';

void test('an admission that is issued again names its invite as that is called now; all else is as it was', () => {
  const mesh = new TestMesh();
  const [invite, now] = [mesh.invite(mesh.creator), mesh.invite(mesh.creator).entry.hash];
  const admission = mesh.admission(testNode('bob'), invite);
  const revocation = mesh.revocation(mesh.creator, [invite.entry]);
  const { operations, names } = again([admission, revocation, createStore('one')], (hash) =>
    toHex(hash) === toHex(invite.entry.hash) ? now : hash,
  );
  const ops = [{ ...admission, invite: { entry: now, op: 0 } }, revocation, createStore('one')];
  assert.deepEqual(decodeMeshOps(operations), ops);
  assert.deepEqual(names.map(toHex), [now, invite.entry.hash].map(toHex));
});

const said: Readonly<Record<MeshOp['kind'], (mesh: TestMesh) => readonly MeshOp[]>> = {
  nameMesh: () => ['first', 'second'].map((name) => ({ kind: 'nameMesh', name })),
  nameNode: () => ['first', 'second'].map((name) => ({ kind: 'nameNode', name })),
  createStore: () => [createStore('new'), createStore('old')],
  nameStore: (mesh) =>
    ['first', 'second'].map((name) => ({ kind: 'nameStore', store: storeIdOf(mesh, 'old'), name })),
  removeStore: (mesh) => [{ kind: 'removeStore', store: storeIdOf(mesh, 'old') }],
  invite: () => [
    { kind: 'invite', publicKey: new Uint8Array(32).fill(1), role: 'member', expiryMs: 2 ** 43 },
  ],
  admit: (mesh) => [mesh.admission(testNode('carol'), mesh.invite(mesh.creator), 'carol')],
  revoke: (mesh) => [mesh.revocation(testNode('bob'), mesh.tipOf(testNode('bob')))],
};

for (const [kind, ops] of Object.entries(said))
  void test(`where it was issued again, and the original turns up, ${kind} says what it said once`, () => {
    const mesh = new TestMesh();
    const bob = mesh.join(mesh.creator, 'bob');
    mesh.write(mesh.creator, [createStore('old')]);
    mesh.write(bob, [{ kind: 'nameNode', name: 'robert' }]);
    const all = ops(mesh);
    const [tip] = mesh.tipOf(mesh.creator);
    assert(tip);
    const before = [...mesh.dag.entries];
    const lost = mesh.write(mesh.creator, [], { from: tip });
    const originals = all.map((op) => mesh.write(mesh.creator, [op]));
    const reissued = issuedAgain(mesh, originals, tip, mesh.tipOf(bob));

    const expected = told(mesh, [...before, lost, ...originals]);
    assert.notDeepEqual(told(mesh, before), expected);
    assert.deepEqual(told(mesh, [...before, ...reissued]), expected);
    assert.deepEqual(told(mesh, mesh.dag.entries), expected);
  });

/** The operations of each as one writes them again who lacks what came before, with the times that they had. */
function issuedAgain(
  mesh: TestMesh,
  originals: readonly TestEntry[],
  tip: TestEntry,
  seeing: readonly TestEntry[],
): TestEntry[] {
  const became = new Map<string, Hash>();
  let from = tip;
  return originals.map(({ hash, hlc, operations }) => {
    const { operations: bytes } = again(
      operations.map(({ op }) => op),
      (named) => became.get(toHex(named)) ?? named,
    );
    const ops = decodeMeshOps(bytes);
    assert(!('kind' in ops));
    from = mesh.write(mesh.creator, ops, { from, seeing, hlc });
    became.set(toHex(hash), from.hash);
    return from;
  });
}

function again(ops: readonly MeshOp[], nowOf: (entry: Hash) => Hash) {
  const reissued = meshMachine.reissued?.(ops, nowOf);
  assert(reissued);
  return reissued;
}

/** What a view says to people and to the kernel, but for which entries said it. */
function told(mesh: TestMesh, holding: Iterable<TestEntry>): unknown {
  const view = mesh.view(new Set(holding));
  const admission = view.admission(storeIdOf(mesh, 'old'));
  return {
    name: view.name,
    members: [...view.members.values()].map(({ name, nodeId, status, admittedAt, revokedBy }) => ({
      member: { name, status, admittedAt, revokedBy },
      rule: admission.rule(nodeId),
    })),
    stores: [...view.stores.values()].map(({ id, name, removed }) => ({ id: toHex(id), name, removed })),
    keys: [...new Set(view.invites.map(({ publicKey }) => toHex(publicKey)))],
  };
}
