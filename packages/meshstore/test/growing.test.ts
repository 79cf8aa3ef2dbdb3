import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateMesh, MeshEvaluation, type MeshView, sameView } from '@lattice/meshstore';
import { historyOf, type TestEntry } from './dag.js';
import { createStore, membersAmong, TestMesh, testNode } from './mesh.js';

/** Entry after entry; each view is that of all that came so far. */
function grown(mesh: TestMesh, arrivals: readonly TestEntry[] = mesh.dag.entries): MeshEvaluation {
  const evaluation = new MeshEvaluation({ ...historyOf(mesh, mesh.dag.entries), entries: [] }, mesh.proofs);
  arrivals.forEach((entry, i) => {
    const whole = evaluateMesh(historyOf(mesh, arrivals.slice(0, i + 1)), mesh.proofs);
    assert(sameView(evaluation.add([entry]), whole), `the same after ${i + 1} entries`);
  });
  return evaluation;
}

void test('an invite of somebody who was revoked is taken up in vain, by whoever comes later', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const before = mesh.tipOf(mesh.creator);
  const invite = mesh.invite(bob);
  mesh.revoke(mesh.creator, bob, before, { seeing: before });
  const carol = testNode('carol');
  mesh.admit(mesh.creator, carol, invite);
  assert.equal(membersAmong(grown(mesh).view, { bob, carol }), '');
});

void test('an invite of which an admission came first is held to have been used', () => {
  const mesh = new TestMesh();
  const [bob, carol] = [testNode('bob'), testNode('carol')];
  const start = mesh.write(mesh.creator, [createStore('first')]);
  const invite = mesh.invite(mesh.creator, { seeing: [start] });
  // It names an invite that it does not see, with a valid proof.
  const early = mesh.admit(mesh.creator, bob, invite, { from: start, seeing: [start] });
  mesh.admit(mesh.creator, carol, invite, { from: invite.entry, seeing: [early] });
  const arrivals = [start, early, ...mesh.dag.entries.filter((entry) => ![start, early].includes(entry))];
  assert.equal(membersAmong(grown(mesh, arrivals).view, { bob, carol }), '');
});

void test('what comes late from long ago takes its place among what is there', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const known = [...mesh.dag.entries];
  const early = mesh.write(bob, [{ kind: 'nameMesh', name: 'early' }], { seeing: known.slice(-1) });
  const late = mesh.write(mesh.creator, [{ kind: 'nameMesh', name: 'late' }], { seeing: known.slice(-1) });
  assert.equal(grown(mesh, [...known, late, early]).view.name, 'late');
});

void test('whoever is as before is the very same object, and so is the rule for it', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const evaluation = grown(mesh);
  const before = evaluation.view;
  mesh.join(mesh.creator, 'carol');
  for (const entry of mesh.dag.entries.slice(-2)) evaluation.add([entry]);
  const after = evaluation.view;
  const [key] = [...before.members].find(([, { name }]) => name === 'bob') ?? [];
  assert(key);
  assert.equal(after.members.get(key), before.members.get(key));
  assert.equal(after.invites[0], before.invites[0]);
  const ruleIn = (view: MeshView) => view.admission(mesh.id).rule(bob.nodeId);
  assert(ruleIn(after));
  assert.equal(ruleIn(after), ruleIn(before));
});
