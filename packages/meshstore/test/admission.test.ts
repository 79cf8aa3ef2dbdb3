import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hlc, idKey } from '@lattice/model';
import type { StoreCutOff } from '@lattice/meshstore';
import { TestDag, type TestEntry } from './dag.js';
import { counts, keptOf } from './kept.js';
import { cutOffsAt, storeIdOf, TestMesh, testNode } from './mesh.js';

function ref({ author, seq, hash }: TestEntry) {
  return { author, seq, hash };
}

void test('nobody but those who were let in has a rule', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  mesh.write(testNode('stranger'), []);
  const admission = mesh.view().admission(mesh.id);
  assert.deepEqual([...admission.authors()], [idKey(mesh.creator.nodeId), idKey(bob.nodeId)]);
  assert.equal(admission.rule(testNode('stranger').nodeId), undefined);
});

void test('the creator may claim any hlc in any store', () => {
  const mesh = new TestMesh();
  for (const store of [mesh.id, storeIdOf(mesh, 'data')]) {
    const rule = mesh.view().admission(store).rule(mesh.creator.nodeId);
    assert.deepEqual(rule, { spans: [{ after: -1n as Hlc }], cutOffs: [] });
  }
});

void test('in the mesh store entries lie behind an admission, in others only after the first', () => {
  const mesh = new TestMesh();
  const invite = mesh.invite(mesh.creator);
  const bob = mesh.join(mesh.creator, 'bob');
  const carol = testNode('carol');
  const together = mesh.tipOf(mesh.creator);
  const first = mesh.admit(mesh.creator, carol, invite, { seeing: together });
  const second = mesh.admit(bob, carol, invite, { seeing: together });
  const view = mesh.view();
  assert.deepEqual(view.admission(mesh.id).rule(carol.nodeId)?.spans, [
    { after: first.time, behind: ref(first) },
    { after: second.time, behind: ref(second) },
  ]);
  assert.deepEqual(view.admission(storeIdOf(mesh, 'data')).rule(carol.nodeId)?.spans, [
    { after: first.time },
  ]);
});

void test('each revoker has one list of cut-offs a store, of all that it named there', () => {
  const mesh = new TestMesh();
  const store = storeIdOf(mesh, 'data');
  const data = new TestDag(store);
  const [bob, carol] = [mesh.join(mesh.creator, 'bob'), mesh.join(mesh.creator, 'carol')];
  const write = (prev?: TestEntry): TestEntry => data.write({ author: bob.nodeId, prev, deps: [], ops: [] });
  const one = write();
  const two = write(one);
  const three = write(two);
  const at = (entries: TestEntry[]): StoreCutOff[] => [{ store, entries: cutOffsAt(entries) }];
  mesh.write(mesh.creator, [{ kind: 'revoke', node: bob.nodeId, cutOffs: at([one]) }]);
  mesh.write(mesh.creator, [{ kind: 'revoke', node: bob.nodeId, cutOffs: at([three]) }]);
  mesh.write(carol, [{ kind: 'revoke', node: bob.nodeId, cutOffs: at([two]) }]);
  const admission = mesh.view().admission(store);
  assert.deepEqual(admission.rule(bob.nodeId)?.cutOffs, [cutOffsAt([one, three]), cutOffsAt([two])]);
  assert.deepEqual([...admission.alsoKept()], [one, three, two].map(ref));
});

void test('a named entry is kept though it does not count, so that whoever lacks it can get it', () => {
  const mesh = new TestMesh();
  const store = storeIdOf(mesh, 'data');
  const data = new TestDag(store);
  const bob = mesh.join(mesh.creator, 'bob');
  const carol = mesh.join(mesh.creator, 'carol');
  const write = (prev?: TestEntry): TestEntry =>
    data.write({ author: bob.nodeId, prev, deps: [], ops: [], hlc: (1n << 62n) as Hlc });
  const one = write();
  const two = write(one);
  const three = write(two);
  mesh.write(mesh.creator, [
    { kind: 'revoke', node: bob.nodeId, cutOffs: [{ store, entries: cutOffsAt([two]) }] },
  ]);
  mesh.write(carol, [{ kind: 'revoke', node: bob.nodeId, cutOffs: [{ store, entries: cutOffsAt([one]) }] }]);
  const admission = mesh.view().admission(store);
  const all = new Set([one, two, three]);
  assert.deepEqual(
    [one, two, three].map((entry) => counts(entry, all, admission)),
    [true, false, false],
  );
  assert.deepEqual(keptOf(all, admission), new Set([one, two]));
  // Without what carol accepts, the rest does not count either, until it arrives.
  const part = new Set<TestEntry>();
  assert.deepEqual(keptOf(part, admission), part);
});

void test('counted revocations are kept in the mesh store, and nothing of them elsewhere', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const tip = mesh.write(bob, []);
  const revocation = mesh.revoke(mesh.creator, bob, [tip]);
  const view = mesh.view();
  assert.deepEqual([...view.admission(mesh.id).alsoKept()], [ref(revocation), ref(tip)]);
  assert.deepEqual([...view.admission(storeIdOf(mesh, 'data')).alsoKept()], []);
});
