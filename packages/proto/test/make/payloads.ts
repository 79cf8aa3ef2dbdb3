import { type Hash, type MeshGenesis, toHex, utf8 } from '@lattice/model';
import { encodeKvOps, type KvOp } from '@lattice/kvstore';
import { encodeLogOps, type LogOp } from '@lattice/logstore';
import { encodeMeshOp, invitePublicKey, type MeshOp, proveInvite } from '@lattice/meshstore';
import { encodePayload } from '@lattice/proto';
import { plain } from './json.js';
import { alice, bob, counting, filled, kvGenesis, kvId, meshId } from './material.js';

const secret = counting(32, 0x40);
const publicKey = invitePublicKey(secret);
const entry = filled(0xaa) as Hash;

const kv: Record<string, readonly KvOp[]> = {
  put: [{ kind: 'put', key: utf8('greeting'), value: utf8('hello') }],
  'put of an empty value': [{ kind: 'put', key: Uint8Array.of(0), value: new Uint8Array(0) }],
  delete: [{ kind: 'delete', key: utf8('greeting') }],
  'a batch': [
    { kind: 'put', key: utf8('a'), value: utf8('1') },
    { kind: 'delete', key: utf8('b') },
    { kind: 'put', key: utf8('a'), value: utf8('2') },
  ],
  'a key of all the length there may be': [{ kind: 'delete', key: filled(0x6b, 1_024) }],
  'no operations': [],
};

const log: Record<string, readonly LogOp[]> = {
  append: [{ kind: 'append', value: utf8('hello') }],
  'append of nothing': [{ kind: 'append', value: new Uint8Array(0) }],
  'a batch': ['a', 'b', 'a'].map((text) => ({ kind: 'append', value: utf8(text) })),
  'a value whose length has two bytes': [{ kind: 'append', value: filled(0x6c, 300) }],
  'no operations': [],
};

const invalidLog = {
  'an operation that is not known': [1, 2, 1, 0x61],
  'a value that is cut off': [1, 1, 2, 0x61],
  'a value longer than may be': [1, 1, 0x81, 0x80, 0x10],
  'a length that is laid out too long': [1, 1, 0x81, 0x00, 0x61],
  'half an operation': [1, 1, 1, 0x61, 1],
};

const mesh: Record<string, readonly MeshOp[]> = {
  nameMesh: [{ kind: 'nameMesh', name: 'Küche' }],
  invite: [{ kind: 'invite', publicKey, role: 'member', expiryMs: 1_700_086_500_000 }],
  admit: [
    {
      kind: 'admit',
      node: bob.nodeId,
      role: 'member',
      name: 'bob',
      invite: { entry, op: 1 },
      proof: proveInvite(secret, meshId, bob.nodeId),
    },
  ],
  'admit without a name': [
    {
      kind: 'admit',
      node: bob.nodeId,
      role: 'member',
      name: '',
      invite: { entry, op: 300 },
      proof: proveInvite(secret, meshId, bob.nodeId),
    },
  ],
  revoke: [
    {
      kind: 'revoke',
      node: bob.nodeId,
      cutOffs: [
        {
          store: kvId,
          entries: [
            { seq: 3, hash: filled(3) as Hash },
            { seq: 3, hash: filled(2) as Hash },
            { seq: 200, hash: filled(1) as Hash },
          ],
        },
        { store: meshId, entries: [] },
      ],
    },
  ],
  'revoke without a cut-off': [{ kind: 'revoke', node: bob.nodeId, cutOffs: [] }],
  createStore: [{ kind: 'createStore', type: 'kv', random: kvGenesis.random, name: 'main' }],
  nameStore: [{ kind: 'nameStore', store: kvId, name: 'notes' }],
  nameNode: [{ kind: 'nameNode', name: 'alice' }],
  removeStore: [{ kind: 'removeStore', store: kvId }],
  'a batch': [
    { kind: 'nameMesh', name: 'home' },
    { kind: 'nameNode', name: 'alice' },
  ],
};

const invalidKv: Record<string, readonly number[]> = {
  'version zero': [0],
  'no version': [],
  'an operation that is not known': [1, 3, 1, 0x61],
  'an empty key': [1, 2, 0],
  'a key of 1,025 bytes': [1, 2, 0x81, 0x08, ...filled(0x6b, 1_025)],
  'a value over 256 KiB': [1, 1, 1, 0x61, 0x81, 0x80, 0x10],
  'a put without a value': [1, 1, 1, 0x61],
  'one good operation and half of another': [1, 2, 1, 0x61, 2],
};

const invalidMesh: Record<string, readonly number[]> = {
  'an operation that is not known': [1, 9],
  'an empty name': [1, 1, 0],
  'a name of 65 bytes': [1, 1, 65, ...filled(0x61, 65)],
  'a name with a control character': [1, 1, 1, 0x0a],
  'a name that is not UTF-8': [1, 1, 1, 0xff],
  'a role that is not known': [1, 2, ...filled(1), 2, 0],
  'a store type with a capital letter': [1, 5, 2, 0x4b, 0x56, ...filled(1), 1, 0x61],
  'stores that are not sorted': [1, 4, ...filled(1), 2, ...filled(2), 0, ...filled(1), 0],
  'a store that is named twice': [1, 4, ...filled(1), 2, ...filled(2), 0, ...filled(2), 0],
  'cut-offs that are not sorted': [1, 4, ...filled(1), 1, ...filled(2), 2, 2, ...filled(1), 1, ...filled(1)],
  'a cut-off at seq zero': [1, 4, ...filled(1), 1, ...filled(2), 1, 0, ...filled(1)],
  'more cut-offs than may be': [1, 4, ...filled(1), 1, ...filled(2), 65],
  'more stores than may be': [1, 4, ...filled(1), 0x81, 0x20],
  'half an operation': [1, 8, 0, 0, 0],
};

const mostInvalid = (named: Record<string, readonly number[]>) =>
  Object.entries(named).map(([name, bytes]) => ({ name, payload: toHex(Uint8Array.from(bytes)) }));

export function kvPayloadVectors() {
  return {
    valid: Object.entries(kv).map(([name, operations]) => ({
      name,
      operations: operations.map((op) => ({
        kind: op.kind,
        key: toHex(op.key),
        ...(op.kind === 'put' && { value: toHex(op.value) }),
      })),
      payload: toHex(encodePayload(1, [encodeKvOps(operations)])),
    })),
    invalid: mostInvalid(invalidKv),
    newer: [{ name: 'of a later version', payload: toHex(Uint8Array.of(2, 0xff)) }],
  };
}

export function logPayloadVectors() {
  return {
    valid: Object.entries(log).map(([name, operations]) => ({
      name,
      operations: operations.map(({ kind, value }) => ({ kind, value: toHex(value) })),
      payload: toHex(encodePayload(1, [encodeLogOps(operations)])),
    })),
    invalid: mostInvalid(invalidLog),
    newer: [{ name: 'of a later version', payload: toHex(Uint8Array.of(2, 0xff)) }],
  };
}

export function meshPayloadVectors() {
  return {
    valid: Object.entries(mesh).map(([name, operations]) => ({
      name,
      operations: operations.map((op) => plain(op)),
      payload: toHex(encodePayload(1, operations.map(encodeMeshOp))),
    })),
    invalid: mostInvalid(invalidMesh),
  };
}

/** An invite's secret, what the mesh knows of it, and what is shown instead of it. */
export function inviteVectors() {
  const genesis: MeshGenesis = { kind: 'mesh', creator: alice.nodeId, random: counting(32) };
  return {
    mesh: plain({ ...genesis, id: meshId }),
    invites: [secret, filled(0)].map((one) => ({
      secret: toHex(one),
      publicKey: toHex(invitePublicKey(one)),
      node: toHex(bob.nodeId),
      proof: toHex(proveInvite(one, meshId, bob.nodeId)),
    })),
  };
}
