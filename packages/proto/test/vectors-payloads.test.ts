import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blake3 } from '@lattice/crypto';
import { decodeKvOps, kvMachine } from '@lattice/kvstore';
import { decodeLogOps, logMachine } from '@lattice/logstore';
import {
  decodeMeshOps,
  invitePublicKey,
  meshMachine,
  parseToken,
  verifyInviteProof,
} from '@lattice/meshstore';
import { parseNodeId, parseSignature, parseStoreId, type StateMachine, toHex } from '@lattice/model';
import { decodePayload, MalformedError } from '@lattice/proto';
import { committed } from './committed.js';
import { plain } from './make/json.js';
import { hex } from './naive/cursor.js';
import { kvPayload, logPayload } from './naive/formats.js';
import { meshPayload, type NaiveMeshOp } from './naive/mesh-payload.js';
import { isSigned, publicKeyOf } from './naive/signatures.js';
import { readToken } from './naive/token.js';

test('a key-value payload reads as its operations', () => {
  const { valid, invalid, newer } = committed('payloads-kv');
  for (const { name, operations, payload } of valid) {
    assert.equal(kvPayload(operations).toString('hex'), payload, name);
    assert.deepEqual(plain(decodeKvOps(decodePayload(hex(payload)).operations)), operations, name);
  }
  for (const { name, payload } of invalid) assert.equal(outcomeOf(kvMachine, payload), 'invalid', name);
  for (const { name, payload } of newer) assert.equal(outcomeOf(kvMachine, payload), 'newer', name);
});

test('a payload of a log reads as its operations', () => {
  const { valid, invalid, newer } = committed('payloads-log');
  for (const { name, operations, payload } of valid) {
    assert.equal(logPayload(operations).toString('hex'), payload, name);
    assert.deepEqual(plain(decodeLogOps(decodePayload(hex(payload)).operations)), operations, name);
  }
  for (const { name, payload } of invalid) assert.equal(outcomeOf(logMachine, payload), 'invalid', name);
  for (const { name, payload } of newer) assert.equal(outcomeOf(logMachine, payload), 'newer', name);
});

test('a payload of the mesh store reads as its operations', () => {
  const { valid, invalid } = committed('payloads-mesh');
  for (const { name, operations, payload } of valid) {
    assert.equal(meshPayload(operations as NaiveMeshOp[]).toString('hex'), payload, name);
    const decoded = decodeMeshOps(decodePayload(hex(payload)).operations);
    assert.ok(!('kind' in decoded), name);
    assert.equal(meshPayload(plain(decoded) as NaiveMeshOp[]).toString('hex'), payload, name);
  }
  for (const { name, payload } of invalid) assert.equal(outcomeOf(meshMachine, payload), 'invalid', name);
});

test("an invite's key follows from its secret, and its proof is good for one mesh and one node", () => {
  const { mesh, invites } = committed('invites');
  const { id, creator } = mesh as { id: string; creator: string };
  for (const { secret, publicKey, node, proof } of invites) {
    assert.equal(publicKeyOf(toHex(blake3('invite', hex(secret)))), publicKey);
    assert.equal(toHex(invitePublicKey(hex(secret))), publicKey);
    assert.ok(isSigned(publicKey, 'invite', id + node, proof));
    const isProof = (meshId: string, nodeId: string) =>
      verifyInviteProof(
        hex(publicKey),
        parseStoreId(hex(meshId)),
        parseNodeId(hex(nodeId)),
        parseSignature(hex(proof)),
      );
    assert.ok(isProof(id, node));
    assert.ok(!isProof(id, creator));
    assert.ok(!isProof(node, node));
  }
});

test('a token reads as its fields, by the code and by a plain reading of the protocol', () => {
  const { valid, alsoRead, invalid } = committed('tokens');
  for (const { name, text, ...fields } of valid) {
    assert.deepEqual(readToken(text), fields, name);
    assert.deepEqual(plain(parseToken(text)), fields, name);
  }
  for (const { name, text, as } of alsoRead) assert.deepEqual(parseToken(text), parseToken(as), name);
  for (const { name, text, code } of invalid) {
    assert.throws(() => parseToken(text), { code }, name);
    assert.throws(() => readToken(text), Error, name);
  }
});

function outcomeOf<Op>(machine: StateMachine<Op>, payload: string): string {
  try {
    const { version, operations } = decodePayload(hex(payload));
    if (version > machine.version) return 'newer';
    return 'kind' in machine.decode(operations) ? 'invalid' : 'valid';
  } catch (error) {
    assert.ok(error instanceof MalformedError);
    return 'invalid';
  }
}
