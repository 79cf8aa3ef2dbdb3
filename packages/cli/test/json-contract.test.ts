import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeId } from '@lattice/model';
import { utf8 } from '@lattice/model';
import { Rig } from './rig.js';

const me = 'a1'.repeat(32);
const other = new Uint8Array(32).fill(0xb2) as NodeId;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('node status', async (context) => {
  const rig = new Rig(context);
  assert.deepEqual(await rig.json('node', 'status'), {
    nodeId: me,
    addresses: [],
    relay: 'off',
    dataDir: '/memory',
    version: '0.1.0',
    warnings: [],
  });
});

test('mesh create, list, use, status', async (context) => {
  const rig = new Rig(context);
  const created = (await rig.json('mesh', 'create', 'family')) as { meshId: string; storeId: string };
  assert.match(created.meshId, uuid);
  assert.match(created.storeId, uuid);
  assert.deepEqual(await rig.json('mesh', 'list'), [
    { meshId: created.meshId, name: 'family', peers: 1, stores: 1, current: true },
  ]);
  assert.deepEqual(await rig.json('mesh', 'use', created.meshId.slice(0, 4)), {
    meshId: created.meshId,
    name: 'family',
    storeId: created.storeId,
  });
  const status = (await rig.json('mesh', 'status')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(status), ['meshId', 'name', 'members', 'online', 'stores', 'digest']);
});

test('mesh invite, join, peers, revoke', async (context) => {
  const rig = new Rig(context);
  rig.node.tokens.set('ticket', 'theirs');
  const joined = (await rig.json('mesh', 'join', 'ticket')) as { meshId: string };
  assert.match(joined.meshId, uuid);
  const invite = (await rig.json('mesh', 'invite')) as { token: string; expiresAt: string };
  assert.match(invite.token, /^lattice-/);
  assert.equal(invite.expiresAt, '2024-01-02T00:00:00.000Z');

  rig.node
    .mesh('theirs')
    .addPeer({ nodeId: other, name: 'laptop', status: 'member', online: true, addresses: [] });
  const peer = { nodeId: 'b2'.repeat(32), name: 'laptop', status: 'member', online: true, self: false };
  const self = { nodeId: me, name: 'me', status: 'member', online: true, self: true };
  assert.deepEqual(await rig.json('mesh', 'peers'), [self, peer]);
  assert.deepEqual(await rig.json('mesh', 'revoke', 'b2b2'), {
    nodeId: 'b2'.repeat(32),
    cutEntries: 3,
    synced: true,
  });
  assert.deepEqual(await rig.json('mesh', 'peers'), [self, { ...peer, status: 'revoked', online: false }]);
});

test('store create, use, list, status, sync', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  const created = (await rig.json('store', 'create', '--type', 'kv', '--name', 'notes')) as {
    storeId: string;
  };
  assert.match(created.storeId, uuid);
  const [main, notes] = (await rig.json('store', 'list')) as Record<string, unknown>[];
  assert.deepEqual({ ...main, storeId: 0 }, { storeId: 0, name: 'main', type: 'kv', current: true });
  assert.deepEqual(notes, { storeId: created.storeId, name: 'notes', type: 'kv', current: false });
  await rig.json('store', 'use', 'notes');

  await rig.json('put', 'a', '1');
  const status = (await rig.json('store', 'status')) as Record<string, unknown>;
  const { storeId, type, entries, chains, pending, held, forks, digest } = status;
  assert.deepEqual(
    [storeId, type, entries, chains, pending, held, forks],
    [created.storeId, 'kv', 1, 1, 0, 0, 0],
  );
  assert.match(String(digest), /^[0-9a-f]{64}$/);

  assert.deepEqual(await rig.json('store', 'sync'), []);
  rig.node.meshes()[0]?.addPeer({ nodeId: other, name: '', status: 'member', online: true, addresses: [] });
  assert.deepEqual(await rig.json('store', 'sync'), [
    {
      peer: 'b2'.repeat(32),
      sentEntries: 1,
      receivedEntries: 0,
      sentBytes: 100,
      receivedBytes: 20,
      roundTrips: 1,
      ms: 1.5,
    },
  ]);
});

test('put, get, list, delete, with a conflict and with bytes that are no text', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  assert.deepEqual(await rig.json('put', 'a', '1'), { key: 'a' });
  const head = { value: '1', author: me, time: '2024-01-01T00:00:01.000Z', entry: '01'.repeat(32) };
  assert.deepEqual(await rig.json('get', 'a'), { key: 'a', value: '1', conflicted: false, heads: [head] });

  const kv = rig.node.selection().store?.memoryKv;
  kv?.addConcurrent(utf8('a'), undefined, other);
  kv?.addConcurrent(utf8('a'), Uint8Array.of(255), other);
  const theirs = { author: 'b2'.repeat(32), entry: '03'.repeat(32) };
  assert.deepEqual(await rig.json('get', 'a', '--all'), {
    key: 'a',
    value: '1',
    conflicted: true,
    heads: [
      head,
      { value: null, ...theirs, time: '2024-01-01T00:00:02.000Z', entry: '02'.repeat(32) },
      { value: { base64: '/w==' }, ...theirs, time: '2024-01-01T00:00:03.000Z' },
    ],
  });
  await kv?.put(Uint8Array.of(254), utf8('b'));
  assert.deepEqual(await rig.json('list'), [
    { key: 'a', value: '1', conflicted: true },
    { key: { base64: '/g==' }, value: 'b', conflicted: false },
  ]);
  assert.deepEqual(await rig.json('delete', 'a'), { key: 'a' });
  assert.deepEqual(await rig.json('list', 'a'), []);
});

test('errors are one document on standard error, and nothing on standard output', async (context) => {
  const rig = new Rig(context);
  const cases: readonly (readonly [string[], string, number])[] = [
    [['get', 'a'], 'no-mesh', 1],
    [['mesh', 'use', 'nope'], 'mesh-not-found', 1],
    [['mesh', 'join', 'nope'], 'token-invalid', 1],
    [['get'], 'usage', 2],
    [['nope'], 'usage', 2],
    [['get', 'a', '--nope'], 'usage', 2],
  ];
  for (const [argv, code, status] of cases) {
    const ran = await rig.run(['--json', ...argv]);
    const { error } = JSON.parse(ran.stderr) as { error: { code: string; message: string } };
    assert.deepEqual([ran.status, ran.stdout, error.code], [status, '', code], argv.join(' '));
    assert.deepEqual(Object.keys(error), ['code', 'message']);
    assert.match(error.message, /^[^\n]+[.?>\]]$/);
  }
});
