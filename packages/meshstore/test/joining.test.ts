import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hlcEndOfMs, hlcNext, idKey, parseSignature, toHex } from '@lattice/model';
import {
  invitePublicKey,
  inviteSecretBytes,
  judgeJoin,
  type JoinVerdict,
  newInvite,
  proveInvite,
  verifyInviteProof,
} from '@lattice/meshstore';
import { TestMesh, testNode, type TestInvite, testRandom } from './mesh.js';
import type { KeyPair } from '@lattice/crypto';

void test('an invite is a secret and the public key that follows from it', () => {
  const { secret, publicKey } = newInvite(testRandom('invite'));
  assert.equal(secret.length, inviteSecretBytes);
  assert.deepEqual(invitePublicKey(secret), publicKey);
  assert.notDeepEqual(newInvite(testRandom('other')).publicKey, publicKey);
});

void test('keys and proofs are what the protocol says, byte for byte', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, i) => i);
  const mesh = new TestMesh();
  const proof = proveInvite(secret, mesh.id, mesh.creator.nodeId);
  assert.deepEqual(
    [toHex(invitePublicKey(secret)), toHex(proof)],
    [
      '62ab0fa02e395a0fc6b4066cc2384d86d65cd04bb50d7c4a05b78e050e4f399f',
      'ebf86de11c7f772276172c970127b410ed5b27a6dbb924096fdf1274ba2b3d61c2af825618283edaa318d3fd6466e9e88f2a329775e252bafa3f93d0a3d17506',
    ],
  );
});

void test('a proof is for one mesh and one node; a changed one proves nothing', () => {
  const mesh = new TestMesh();
  const { secret, publicKey } = newInvite(testRandom('invite'));
  const [bob, carol] = [testNode('bob').nodeId, testNode('carol').nodeId];
  const proof = proveInvite(secret, mesh.id, bob);
  assert(verifyInviteProof(publicKey, mesh.id, bob, proof));
  assert(!verifyInviteProof(publicKey, mesh.id, carol, proof));
  assert(!verifyInviteProof(publicKey, new TestMesh('other').id, bob, proof));
  assert(!verifyInviteProof(new Uint8Array(32), mesh.id, bob, proof));
  for (let i = 0; i < proof.length; i++) {
    const changed = proof.slice();
    changed[i] = (changed[i] as number) ^ 1;
    assert(!verifyInviteProof(publicKey, mesh.id, bob, parseSignature(changed)));
  }
});

function judge(
  mesh: TestMesh,
  { nodeId }: KeyPair,
  { secret }: Pick<TestInvite, 'secret'>,
  late = false,
): JoinVerdict {
  const proof = proveInvite(secret, mesh.id, nodeId);
  const view = mesh.view();
  const expiryMs = view.invites[0]?.expiryMs ?? 0;
  const time = late ? hlcNext(hlcEndOfMs(expiryMs)) : hlcEndOfMs(expiryMs);
  return judgeJoin(view, { node: nodeId, publicKey: invitePublicKey(secret), proof }, time);
}

void test('who shows a proof for a free invite in time may be admitted, and then is in', () => {
  const mesh = new TestMesh();
  const invite = mesh.invite(mesh.creator);
  const bob = testNode('bob');
  assert.deepEqual(judge(mesh, bob, invite), { kind: 'admit', invite: invite.dot });
  assert.deepEqual(judge(mesh, bob, invite, true), {
    kind: 'expired',
    expiryMs: mesh.view().invites[0]?.expiryMs,
  });
  mesh.admit(mesh.creator, bob, invite);
  assert(mesh.view().members.has(idKey(bob.nodeId)));
  assert.deepEqual(judge(mesh, bob, invite), { kind: 'already-member' });
  assert.deepEqual(judge(mesh, testNode('carol'), invite), { kind: 'used', by: bob.nodeId });
});

void test('who shows nothing that the mesh knows is told so', () => {
  const mesh = new TestMesh();
  const { secret } = mesh.invite(mesh.creator);
  const bob = testNode('bob');
  assert.deepEqual(judge(mesh, bob, newInvite(testRandom('another'))), { kind: 'unknown-invite' });
  const proof = proveInvite(secret, mesh.id, testNode('carol').nodeId);
  const request = { node: bob.nodeId, publicKey: invitePublicKey(secret), proof };
  assert.deepEqual(judgeJoin(mesh.view(), request, hlcEndOfMs(0)), { kind: 'bad-proof' });
});

void test('a revoked key is refused, whether or not it ever was a member', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const eve = testNode('eve');
  mesh.revoke(mesh.creator, bob, mesh.tipOf(bob));
  mesh.revoke(mesh.creator, eve, []);
  const invite = mesh.invite(mesh.creator);
  assert.deepEqual(judge(mesh, bob, invite), { kind: 'revoked' });
  assert.deepEqual(judge(mesh, eve, invite), { kind: 'revoked' });
});

void test('an invite whose maker was revoked from before it is unknown', () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const invite = mesh.invite(bob);
  mesh.revoke(mesh.creator, bob, []);
  assert.deepEqual(judge(mesh, testNode('eve'), invite), { kind: 'unknown-invite' });
});

void test("another's copy of an invite's public key does not get in its way", () => {
  const mesh = new TestMesh();
  const bob = mesh.join(mesh.creator, 'bob');
  const { publicKey, secret } = newInvite(testRandom('invite'));
  mesh.invite(bob, { publicKey, expiryMs: 1 });
  const invite = mesh.invite(mesh.creator, { publicKey });
  assert.deepEqual(judge(mesh, testNode('carol'), { secret }), { kind: 'admit', invite: invite.dot });
});

void test('an invite that its author wrote twice is one: whoever used it once has used it up', () => {
  const mesh = new TestMesh();
  const { publicKey, secret } = newInvite(testRandom('invite'));
  const [first] = [1, 2].map(() => mesh.invite(mesh.creator, { publicKey }));
  const bob = testNode('bob');
  assert(first);
  mesh.admit(mesh.creator, bob, { ...first, secret });
  assert.deepEqual(judge(mesh, testNode('carol'), { secret }), { kind: 'used', by: bob.nodeId });
});
