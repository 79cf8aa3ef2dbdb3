import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBytes, type Hlc, hlcEndOfMs, hlcFromMs, hlcNext } from '@lattice/model';
import { proveInvite } from '@lattice/meshstore';
import { TestMesh, testNode } from './mesh.js';

void test('the creator is a member from time 0, with no admission, and an hlc of 0 counts', () => {
  const mesh = new TestMesh();
  const entry = mesh.write(mesh.creator, [{ kind: 'nameMesh', name: 'home' }], { hlc: 0n as Hlc });
  const view = mesh.view();
  assert.equal(entry.hlc, 0n);
  assert.equal(view.name, 'home');
  assert(view.isMember(mesh.creator.nodeId));
});

void test('any member admits, also one that was not there when the invite was made', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const carol = testNode('carol');
  mesh.admit(bob, carol, mesh.invite(mesh.creator));
  assert(mesh.view().isMember(carol.nodeId));
});

void test('what a stranger writes does not count, and nobody is let in by it', () => {
  const mesh = new TestMesh();
  const stranger = testNode('stranger');
  mesh.write(stranger, [{ kind: 'nameMesh', name: 'mine' }]);
  const friend = testNode('friend');
  mesh.admit(stranger, friend, mesh.invite(mesh.creator));
  assert.equal(mesh.view().name, '');
  assert(!mesh.view().isMember(friend.nodeId));
});

void test('a proof counts for one node, one mesh and one invite only', () => {
  const mesh = new TestMesh();
  const [bob, carol] = [testNode('bob'), testNode('carol')];
  const invite = mesh.invite(mesh.creator);
  const other = mesh.invite(mesh.creator);
  const good = mesh.admission(bob, invite);
  mesh.write(mesh.creator, [{ ...good, node: carol.nodeId }]);
  mesh.write(mesh.creator, [{ ...good, invite: other.dot }]);
  mesh.write(mesh.creator, [
    { ...good, proof: proveInvite(invite.secret, new TestMesh('other').id, bob.nodeId) },
  ]);
  assert(!mesh.view().isMember(bob.nodeId));
  assert(!mesh.view().isMember(carol.nodeId));
  mesh.write(mesh.creator, [good]);
  assert(mesh.view().isMember(bob.nodeId));
});

void test('an admission must see its invite', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const known = mesh.dag.entries.slice();
  const carol = testNode('carol');
  const invite = mesh.invite(mesh.creator);
  mesh.admit(bob, carol, invite, { seeing: known.slice(-1) });
  assert(!mesh.view().isMember(carol.nodeId));
  mesh.admit(bob, carol, invite);
  assert(mesh.view().isMember(carol.nodeId));
});

void test('an admission that names something else as its invite lets nobody in', () => {
  const mesh = new TestMesh();
  const bob = testNode('bob');
  const invite = mesh.invite(mesh.creator);
  const named = mesh.write(mesh.creator, [{ kind: 'nameMesh', name: 'home' }]);
  mesh.admit(mesh.creator, bob, { ...invite, dot: { entry: named.hash, op: 0 } });
  mesh.admit(mesh.creator, bob, { ...invite, dot: { entry: invite.entry.hash, op: 1 } });
  mesh.admit(mesh.creator, bob, { ...invite, dot: { entry: mesh.id, op: 0 } });
  assert(!mesh.view().isMember(bob.nodeId));
});

void test('an invite expires with the very last value of its millisecond', () => {
  for (const [late, isMember] of [
    [false, true],
    [true, false],
  ] as const) {
    const mesh = new TestMesh();
    const bob = testNode('bob');
    const expiryMs = mesh.nowMs + 60_000;
    const last = hlcEndOfMs(expiryMs);
    mesh.admit(mesh.creator, bob, mesh.invite(mesh.creator, { expiryMs }), {
      hlc: late ? hlcNext(last) : last,
    });
    assert.equal(mesh.view().isMember(bob.nodeId), isMember);
  }
});

void test('an invite expires by time, which an admission cannot claim to be before what it sees', () => {
  const mesh = new TestMesh();
  const bob = testNode('bob');
  const expiryMs = mesh.nowMs + 60_000;
  const invite = mesh.invite(mesh.creator, { expiryMs });
  mesh.write(mesh.creator, [], { hlc: hlcFromMs(expiryMs + 1) });
  const admission = mesh.admit(mesh.creator, bob, invite, { hlc: hlcFromMs(expiryMs - 1) });
  assert(admission.hlc < admission.time);
  assert(!mesh.view().isMember(bob.nodeId));
});

void test('a second node on an invite is refused by whoever sees the first', () => {
  const mesh = new TestMesh();
  const [bob, carol] = [testNode('bob'), testNode('carol')];
  const invite = mesh.invite(mesh.creator);
  mesh.admit(mesh.creator, bob, invite);
  mesh.admit(mesh.creator, carol, invite);
  assert(mesh.view().isMember(bob.nodeId));
  assert(!mesh.view().isMember(carol.nodeId));
});

void test('of two nodes that one entry admits on an invite the first is let in', () => {
  const mesh = new TestMesh();
  const [bob, carol] = [testNode('bob'), testNode('carol')];
  const invite = mesh.invite(mesh.creator);
  mesh.write(mesh.creator, [mesh.admission(bob, invite), mesh.admission(carol, invite)]);
  assert(mesh.view().isMember(bob.nodeId));
  assert(!mesh.view().isMember(carol.nodeId));
});

void test('a use of an invite takes it up though it does not count itself, if its proof is valid', () => {
  const mesh = new TestMesh();
  const [bob, carol, stranger] = [testNode('bob'), testNode('carol'), testNode('stranger')];
  const taken = mesh.invite(mesh.creator);
  mesh.admit(stranger, stranger, taken);
  mesh.admit(mesh.creator, bob, taken);
  assert(!mesh.view().isMember(bob.nodeId));

  const free = mesh.invite(mesh.creator);
  const guess = mesh.admission(stranger, { ...free, secret: new Uint8Array(32) });
  mesh.write(stranger, [guess]);
  mesh.admit(mesh.creator, carol, free);
  assert(mesh.view().isMember(carol.nodeId));
});

void test('an invite used in both halves of a partition lets both in, and is shown', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const invite = mesh.invite(mesh.creator);
  const [carol, dave] = [testNode('carol'), testNode('dave')];
  mesh.admit(mesh.creator, carol, invite, { seeing: [invite.entry] });
  mesh.admit(bob, dave, invite, { seeing: [invite.entry] });
  const view = mesh.view();
  assert(view.isMember(carol.nodeId) && view.isMember(dave.nodeId));
  assert.deepEqual(view.conflicts, [
    { kind: 'invite-used-twice', invite: invite.dot, nodes: [carol.nodeId, dave.nodeId] },
  ]);
});

void test('joining twice with one invite and one node is one join, with the first seniority', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const invite = mesh.invite(mesh.creator);
  const carol = testNode('carol');
  const first = mesh.admit(bob, carol, invite, { seeing: [invite.entry] });
  mesh.admit(mesh.creator, carol, invite, { seeing: [invite.entry] });
  const view = mesh.view();
  const member = [...view.members.values()].find(({ nodeId }) => nodeId === carol.nodeId);
  assert.equal(view.members.size, 3);
  assert.equal(view.conflicts.length, 0);
  assert.equal(member?.admittedAt, first.time);
  assert.deepEqual(
    member?.admissions.map(({ admittedBy }) => admittedBy),
    [bob.nodeId, mesh.creator.nodeId],
  );
});

void test('of admissions at the same time the one with the lesser hash is the first', () => {
  for (let i = 0; i < 8; i++) {
    const mesh = new TestMesh(`mesh ${i}`);
    const bob = mesh.join(mesh.creator, 'bob');
    const invite = mesh.invite(mesh.creator);
    const carol = testNode('carol');
    const how = { seeing: [invite.entry], hlc: hlcNext(invite.entry.time) };
    const admissions = [mesh.admit(mesh.creator, carol, invite, how), mesh.admit(bob, carol, invite, how)];
    const byHash = admissions.toSorted((a, b) => compareBytes(a.hash, b.hash));
    assert.deepEqual(
      [...mesh.view().members.values()].at(-1)?.admissions.map(({ entry }) => entry.hash),
      byHash.map(({ hash }) => hash),
    );
  }
});

void test('a member may let others in at once, though its own admitter is never heard of again', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const carol = mesh.join(bob, 'carol');
  const dave = mesh.join(carol, 'dave');
  assert(mesh.view().isMember(dave.nodeId));
});

void test('a node that heard only of its second admission counts behind that', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const invite = mesh.invite(mesh.creator);
  const together = [invite.entry];
  const carol = testNode('carol');
  mesh.admit(mesh.creator, carol, invite, { seeing: together });
  const second = mesh.admit(bob, carol, invite, { seeing: together });
  mesh.write(carol, [{ kind: 'nameMesh', name: 'heard' }], { seeing: [second] });
  assert.equal(mesh.view().name, 'heard');
});

void test('an entry counts only behind an admission, and claiming a time after it', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const admission = mesh.dag.entries.at(-1);
  assert(admission !== undefined);
  const name = (text: string, how: Parameters<TestMesh['write']>[2]): string => {
    mesh.write(bob, [{ kind: 'nameMesh', name: text }], { from: null, ...how });
    return mesh.view().name;
  };
  assert.equal(name('without having seen it', { seeing: [] }), '');
  assert.equal(name('at the same time', { seeing: [admission], hlc: admission.time }), '');
  assert.equal(name('back-dated', { seeing: [admission], hlc: 0n as Hlc }), '');
  assert.equal(name('just after', { seeing: [admission], hlc: hlcNext(admission.time) }), 'just after');
});

void test('an honest entry counts though it follows and names entries that do not', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const junk = mesh.write(testNode('stranger'), [{ kind: 'nameMesh', name: 'junk' }]);
  const early = mesh.write(bob, [], { hlc: 0n as Hlc });
  mesh.write(bob, [{ kind: 'nameMesh', name: 'honest' }], { seeing: [junk, early] });
  assert.equal(mesh.view().name, 'honest');
});
