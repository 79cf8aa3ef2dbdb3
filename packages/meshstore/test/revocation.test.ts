import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hlcEndOfMs } from '@lattice/model';
import { counts } from './kept.js';
import type { TestEntry } from './dag.js';
import { cutOffsAt, membersAmong, storeIdOf, TestMesh, testNode } from './mesh.js';

/** A mesh of a creator (alice) and, by seniority, bob, carol and dave, each let in by the creator. */
function family() {
  const mesh = new TestMesh();
  const alice = mesh.creator;
  const [bob, carol, dave] = [mesh.join(alice, 'bob'), mesh.join(alice, 'carol'), mesh.join(alice, 'dave')];
  const together = mesh.write(alice, []);
  return { mesh, alice, bob, carol, dave, together };
}

function countsIn(mesh: TestMesh, entry: TestEntry): boolean {
  return counts(entry, new Set(mesh.dag.entries), mesh.view().admission(mesh.id));
}

void test('what a revoked node wrote up to the cut-off counts, what it wrote beyond does not', () => {
  const { mesh, alice, bob, together } = family();
  const before = mesh.write(bob, [{ kind: 'nameMesh', name: 'before' }]);
  const beyond = mesh.write(bob, [{ kind: 'nameMesh', name: 'beyond' }]);
  mesh.revoke(alice, bob, [before], { seeing: [before, together] });
  assert(countsIn(mesh, before));
  assert(!countsIn(mesh, beyond));
  assert.equal(mesh.view().name, 'before');
  assert(!mesh.view().isMember(bob.nodeId));
});

void test('a revocation that names nothing in a store accepts nothing there', () => {
  const { mesh, alice, bob } = family();
  const entry = mesh.write(bob, [{ kind: 'nameMesh', name: 'gone' }]);
  mesh.write(alice, [{ kind: 'revoke', node: bob.nodeId, cutOffs: [] }]);
  assert(!countsIn(mesh, entry));
  assert.deepEqual(mesh.view().admission(mesh.id).rule(bob.nodeId)?.cutOffs, [[]]);
  assert.deepEqual(mesh.view().admission(storeIdOf(mesh, 'data')).rule(bob.nodeId)?.cutOffs, [[]]);
});

void test('in the mesh store a cut-off that the revocation does not see is passed over, and not kept for it', () => {
  const { mesh, alice, bob, together } = family();
  const unseen = mesh.write(bob, [{ kind: 'nameMesh', name: 'unseen' }]);
  const revocation = mesh.revoke(alice, bob, [unseen], { seeing: [together] });
  const admission = mesh.view().admission(mesh.id);
  assert(!countsIn(mesh, unseen));
  assert.deepEqual(admission.rule(bob.nodeId)?.cutOffs, [[]]);
  assert.deepEqual(
    [...admission.alsoKept()].map(({ hash }) => hash),
    [revocation.hash],
  );
});

void test('a fork from before the cut-off is not accepted', () => {
  const { mesh, alice, bob } = family();
  const trunk = mesh.write(bob, []);
  const tip = mesh.write(bob, [{ kind: 'nameMesh', name: 'tip' }]);
  mesh.revoke(alice, bob, [tip]);
  const fork = mesh.write(bob, [{ kind: 'nameMesh', name: 'fork' }], { from: trunk, seeing: [trunk] });
  const anew = mesh.write(bob, [{ kind: 'nameMesh', name: 'anew' }], { from: null, seeing: [trunk] });
  assert.deepEqual(
    [trunk, tip, fork, anew].map((entry) => countsIn(mesh, entry)),
    [true, true, false, false],
  );
  assert.equal(mesh.view().name, 'tip');
});

void test('each branch of a fork is accepted as far as it is named', () => {
  const { mesh, alice, bob } = family();
  const trunk = mesh.write(bob, []);
  const one = mesh.write(bob, []);
  const two = mesh.write(bob, [], { from: trunk });
  const three = mesh.write(bob, [], { from: trunk });
  mesh.revoke(alice, bob, [one, two]);
  assert.deepEqual(
    [trunk, one, two, three].map((entry) => countsIn(mesh, entry)),
    [true, true, true, false],
  );
});

void test('its revoker widens a cut-off by revoking again', () => {
  const { mesh, alice, bob } = family();
  const [first, second] = [mesh.write(bob, []), mesh.write(bob, [])];
  mesh.revoke(alice, bob, [first]);
  assert(!countsIn(mesh, second));
  mesh.revoke(alice, bob, [second]);
  assert(countsIn(mesh, second));
});

void test('another member cannot widen a cut-off, only narrow it', () => {
  const { mesh, alice, bob, carol } = family();
  const first = mesh.write(bob, [{ kind: 'nameMesh', name: 'first' }]);
  const second = mesh.write(bob, [{ kind: 'nameMesh', name: 'second' }]);
  mesh.revoke(alice, bob, [first]);
  mesh.revoke(carol, bob, [second]);
  assert.equal(mesh.view().name, 'first');
  assert(countsIn(mesh, first));
  assert(!countsIn(mesh, second));
  mesh.revoke(carol, bob, []);
  assert(countsIn(mesh, first), 'what carol once accepted she cannot take back');
});

void test('a widening revocation that names only another store takes nothing back, of invites neither', () => {
  const { mesh, alice, bob } = family();
  const invite = mesh.invite(bob);
  mesh.revoke(alice, bob, [invite.entry]);
  const data = storeIdOf(mesh, 'data');
  const cutOffs = [{ store: data, entries: cutOffsAt([mesh.dag.entries[0] as TestEntry]) }];
  mesh.write(alice, [{ kind: 'revoke', node: bob.nodeId, cutOffs }]);
  const eve = testNode('eve');
  mesh.admit(alice, eve, invite);
  assert(countsIn(mesh, invite.entry));
  assert(mesh.view().isMember(eve.nodeId));
});

void test('those whom a revoked node let in beyond the cut-off go with it, those before stay', () => {
  const { mesh, alice, bob } = family();
  const early = mesh.join(bob, 'early');
  const cut = mesh.tipOf(bob);
  const late = mesh.join(bob, 'late');
  const later = mesh.join(late, 'later');
  assert.equal(membersAmong(mesh.view(), { early, late, later }), 'early late later');
  mesh.revoke(alice, bob, cut);
  assert.equal(membersAmong(mesh.view(), { early, late, later }), 'early');
});

void test('a revoked node cannot come back with the same key', () => {
  const { mesh, alice, bob } = family();
  mesh.revoke(alice, bob, mesh.tipOf(bob));
  const again = mesh.invite(alice);
  mesh.admit(alice, bob, again);
  const entry = mesh.write(bob, [{ kind: 'nameMesh', name: 'back' }]);
  assert(!mesh.view().isMember(bob.nodeId));
  assert(!countsIn(mesh, entry));
});

void test('a key that was revoked before it ever joined stays out', () => {
  const { mesh, alice } = family();
  const eve = testNode('eve');
  mesh.revoke(alice, eve, []);
  mesh.admit(alice, eve, mesh.invite(alice));
  assert(!mesh.view().isMember(eve.nodeId));
});

void test('a node that leaves revokes itself: all before it counts, the leaving does too', () => {
  const { mesh, bob, carol } = family();
  const before = mesh.write(bob, [{ kind: 'nameMesh', name: 'before' }]);
  const eve = mesh.join(bob, 'eve');
  const leaving = mesh.revoke(bob, bob, mesh.tipOf(bob));
  const after = mesh.write(bob, [{ kind: 'nameMesh', name: 'after' }]);
  const view = mesh.view();
  assert.equal(membersAmong(view, { bob, carol, eve }), 'carol eve');
  assert.equal(view.name, 'before');
  assert(countsIn(mesh, before));
  // An entry cannot name itself: it is kept as a counted revocation, not as an entry that counts.
  assert(!countsIn(mesh, leaving));
  assert(!countsIn(mesh, after));
  assert.deepEqual(
    view.revocations.map(({ entry, revokedBy }) => [entry.hash, revokedBy]),
    [[leaving.hash, bob.nodeId]],
  );
});

void test('of two who revoke each other the senior stays: who heard of it first', () => {
  const { mesh, bob, carol } = family();
  mesh.revoke(bob, carol, mesh.tipOf(carol));
  mesh.revoke(carol, bob, mesh.tipOf(bob));
  assert.equal(membersAmong(mesh.view(), { bob, carol }), 'bob');
});

void test('of two who revoke each other the senior stays: both at once', () => {
  const { mesh, bob, carol, together } = family();
  mesh.revoke(carol, bob, mesh.tipOf(bob), { seeing: [together] });
  mesh.revoke(bob, carol, [], { seeing: [together] });
  assert.equal(membersAmong(mesh.view(), { bob, carol }), 'bob');
});

void test('of two who revoke each other the senior stays: though the junior was first by weeks', () => {
  const { mesh, bob, carol } = family();
  const cut = mesh.write(carol, []);
  mesh.revoke(carol, bob, mesh.tipOf(bob));
  assert.equal(membersAmong(mesh.view(), { bob, carol }), 'carol');
  mesh.nowMs += 14 * 86_400_000;
  mesh.revoke(bob, carol, [cut]);
  assert.equal(membersAmong(mesh.view(), { bob, carol }), 'bob');
});

void test('a senior who accepts the very revocation of itself goes too: it has to name what came before that', () => {
  const { mesh, bob, carol } = family();
  const revocation = mesh.revoke(carol, bob, mesh.tipOf(bob));
  mesh.revoke(bob, carol, [revocation]);
  assert.equal(membersAmong(mesh.view(), { bob, carol }), '');
});

void test('the creator is revoked like anybody else, but outranks all who would', () => {
  const { mesh, alice, bob, carol } = family();
  const cut = mesh.tipOf(bob);
  mesh.revoke(bob, alice, mesh.tipOf(alice));
  assert.equal(membersAmong(mesh.view(), { alice, bob, carol }), 'bob carol');
  mesh.revoke(alice, bob, cut);
  assert.equal(membersAmong(mesh.view(), { alice, bob, carol }), 'alice carol');
});

void test('a revocation by one who is revoked from before it by a senior does not count', () => {
  const { mesh, alice, bob, carol, dave } = family();
  const cut = mesh.tipOf(carol);
  mesh.revoke(carol, dave, mesh.tipOf(dave));
  assert.equal(membersAmong(mesh.view(), { bob, carol, dave }), 'bob carol');
  mesh.revoke(bob, carol, cut);
  assert.equal(membersAmong(mesh.view(), { bob, carol, dave }), 'bob dave');
  mesh.revoke(alice, bob, []);
  assert.equal(membersAmong(mesh.view(), { alice, bob, carol, dave }), 'alice carol', 'so carol is back');
});

void test('a revocation that a senior picked stays, though a junior later revokes the senior', () => {
  const { mesh, bob, carol, dave } = family();
  const cut = mesh.tipOf(bob);
  mesh.revoke(bob, dave, mesh.tipOf(dave));
  mesh.revoke(carol, bob, cut);
  assert.equal(membersAmong(mesh.view(), { bob, carol, dave }), 'carol');
});

void test('seniority is that of the first admission that still lets its node in', () => {
  const { mesh, alice, bob } = family();
  const eve = testNode('eve');
  mesh.admit(bob, eve, mesh.invite(bob));
  const frank = mesh.join(alice, 'frank');
  mesh.admit(alice, eve, mesh.invite(alice));
  const [eves, franks] = [mesh.tipOf(eve), mesh.tipOf(frank)];
  mesh.revoke(eve, frank, franks);
  mesh.revoke(frank, eve, eves);
  assert.equal(membersAmong(mesh.view(), { eve, frank }), 'eve');
  // Without what bob did, eve was let in by alice only, after frank.
  mesh.revoke(alice, bob, []);
  assert.equal(membersAmong(mesh.view(), { eve, frank }), 'frank');
});

void test('whoever sees that an inviter was revoked before its invite lets nobody in on it', () => {
  const { mesh, alice, bob, carol, together } = family();
  const invite = mesh.invite(bob);
  const revocation = mesh.revoke(alice, bob, [], { seeing: [together] });
  const [before, after] = [testNode('before'), testNode('after')];
  mesh.admit(carol, before, invite, { seeing: [invite.entry] });
  assert(mesh.view().isMember(before.nodeId), 'who did not know of it did right');
  const second = mesh.invite(bob, { seeing: [together], from: null });
  mesh.admit(carol, after, second, { seeing: [second.entry, revocation] });
  assert(!mesh.view().isMember(after.nodeId));
});

void test('a cut-off that is widened to an invite makes it good again, for whoever sees that', () => {
  const { mesh, alice, bob, carol } = family();
  const invite = mesh.invite(bob);
  const narrow = mesh.revoke(alice, bob, []);
  const wide = mesh.revoke(alice, bob, [invite.entry]);
  const [eve, frank] = [testNode('eve'), testNode('frank')];
  mesh.admit(carol, eve, invite, { seeing: [narrow] });
  assert.equal(membersAmong(mesh.view(), { eve }), '');
  mesh.admit(carol, frank, mesh.invite(bob, { from: null, seeing: [] }), { seeing: [wide] });
  assert.equal(membersAmong(mesh.view(), { eve, frank }), '');
  mesh.admit(carol, eve, invite);
  assert.equal(membersAmong(mesh.view(), { eve, frank }), 'eve');
});

void test('of a revoker whose chain forked, a branch may accept what the other did before', () => {
  const { mesh, alice, bob, carol, together } = family();
  const invite = mesh.invite(bob, { seeing: [together] });
  mesh.revoke(alice, bob, [invite.entry], { from: together });
  const narrow = mesh.revoke(alice, bob, [], { from: together, seeing: [invite.entry] });
  const wide = mesh.revoke(alice, bob, [invite.entry], { from: narrow, seeing: [] });
  const eve = testNode('eve');
  mesh.admit(carol, eve, invite, { seeing: [wide] });
  assert.equal(membersAmong(mesh.view(), { eve }), 'eve');
});

void test('of a revoker whose chain forked, an admission knows only the branch that it sees', () => {
  const { mesh, alice, bob, carol, together } = family();
  const invite = mesh.invite(bob);
  const accepting = mesh.revoke(alice, bob, [invite.entry], { from: together });
  const refusing = mesh.revoke(alice, bob, [], { from: together, seeing: [together] });
  const [eve, frank] = [testNode('eve'), testNode('frank')];
  mesh.admit(carol, eve, invite, { seeing: [invite.entry, refusing] });
  assert.equal(membersAmong(mesh.view(), { eve }), '');
  assert(countsIn(mesh, invite.entry), 'for the invite itself both branches speak');
  mesh.admit(carol, frank, mesh.invite(bob, { from: null, seeing: [together] }), { seeing: [accepting] });
  assert.equal(membersAmong(mesh.view(), { frank }), '');
});

void test('an operation earlier in the same entry is in the past of a later one', () => {
  const { mesh, alice, bob } = family();
  const [invite, other] = [mesh.invite(bob), mesh.invite(bob)];
  const [eve, frank] = [testNode('eve'), testNode('frank')];
  mesh.write(alice, [mesh.admission(eve, invite), mesh.revocation(bob, []), mesh.admission(frank, other)]);
  assert.equal(membersAmong(mesh.view(), { eve, frank }), 'eve');
});

void test('an invite used in both halves at the last moment, its inviter revoked meanwhile: both stay', () => {
  const { mesh, alice, bob, carol, dave, together } = family();
  const expiryMs = mesh.nowMs + 60_000;
  const invite = mesh.invite(bob, { expiryMs, seeing: [together] });
  const [eve, frank] = [testNode('eve'), testNode('frank')];
  const hlc = hlcEndOfMs(expiryMs);
  mesh.admit(carol, eve, invite, { seeing: [invite.entry], hlc });
  mesh.admit(dave, frank, invite, { seeing: [invite.entry], hlc });
  mesh.revoke(alice, bob, [], { seeing: [together] });
  const view = mesh.view();
  assert.equal(membersAmong(view, { bob, eve, frank }), 'eve frank');
  // The invite no longer counts, so nothing is left of it to show.
  assert.equal(view.invites.length, 3);
  assert.equal(view.conflicts.length, 0);
});

void test('a revoker two weeks behind cuts off what it had not heard of', () => {
  const { mesh, alice, bob, carol, together } = family();
  const heard = mesh.write(bob, [], { seeing: [together] });
  const news = mesh.write(bob, [{ kind: 'nameMesh', name: 'news' }]);
  const eve = mesh.join(bob, 'eve');
  mesh.nowMs += 14 * 86_400_000;
  mesh.revoke(alice, bob, [heard], { seeing: [heard] });
  assert(!countsIn(mesh, news));
  assert.equal(membersAmong(mesh.view(), { bob, carol, eve }), 'carol');
  mesh.revoke(alice, bob, mesh.tipOf(bob));
  assert.equal(membersAmong(mesh.view(), { bob, carol, eve }), 'carol eve');
});

void test('a revocation by one who is no member does nothing', () => {
  const { mesh, bob } = family();
  mesh.revoke(testNode('stranger'), bob, []);
  assert(mesh.view().isMember(bob.nodeId));
  assert.equal(mesh.view().revocations.length, 0);
});

void test('several revocations of one entry are picked one by one, until one of them ends its author', () => {
  const { mesh, bob, carol, dave } = family();
  const cut = mesh.tipOf(bob);
  mesh.write(bob, [
    mesh.revocation(carol, mesh.tipOf(carol)),
    mesh.revocation(bob, cut),
    mesh.revocation(dave, mesh.tipOf(dave)),
  ]);
  assert.equal(membersAmong(mesh.view(), { bob, carol, dave }), 'dave');
  assert.equal(mesh.view().revocations.length, 2);
});
