import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex, utf8 } from '@lattice/model';
import { Rig } from './rig.js';

const hash = /^[0-9a-f]{64}$/;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('node status', async (context) => {
  const rig = new Rig(context);
  assert.deepEqual(await rig.json('node', 'status'), {
    nodeId: idOf(rig, 'desk'),
    name: 'desk',
    addresses: [],
    relay: 'off',
    dataDir: 'memory',
    version: '0.1.0',
    warnings: [],
  });
});

test('node repair-clock, and what history and status say of it', async (context) => {
  const rig = new Rig(context);
  const { storeId } = (await rig.json('mesh', 'create', 'family')) as { storeId: string };
  const dayMs = 86_400_000;
  rig.nodes.nowMs += dayMs;
  await rig.json('put', 'key', 'value');
  rig.nodes.nowMs -= dayMs;
  const { warnings } = (await rig.json('node', 'status')) as { warnings: string[] };
  assert.match(warnings.join(), /^In the store "main", 1 entry .*"node repair-clock"/);
  assert.deepEqual(await rig.json('node', 'repair-clock'), {
    stores: [{ storeId, where: 'the store "main"', reissued: 1, left: 0, failure: null }],
  });
  assert.deepEqual(await rig.json('node', 'repair-clock'), { stores: [] });
  const history = (await rig.json('history')) as { entry: string; replaced: boolean; instead?: string }[];
  const [original, again] = history;
  assert.deepEqual([original?.replaced, again?.replaced, again?.instead], [true, false, original?.entry]);
  assert.equal((await rig.run(['history'])).stdout.match(/issued again/g)?.length, 1);
  assert.deepEqual(((await rig.json('node', 'status')) as { warnings: string[] }).warnings, []);
});

test('mesh create, list, use, status', async (context) => {
  const rig = new Rig(context);
  const created = (await rig.json('mesh', 'create', 'family')) as { meshId: string; storeId: string };
  assert.match(created.meshId, uuid);
  assert.match(created.storeId, uuid);
  assert.deepEqual(await rig.json('mesh', 'list'), [
    { meshId: created.meshId, name: 'family', members: 1, stores: 1, current: true },
  ]);
  assert.deepEqual(await rig.json('mesh', 'use', created.meshId.slice(0, 4)), {
    meshId: created.meshId,
    name: 'family',
    storeId: created.storeId,
  });
  const status = (await rig.json('mesh', 'status')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(status), [
    'meshId',
    'name',
    'members',
    'online',
    'stores',
    'digest',
    'damagedPlaces',
    'acceptedLosses',
  ]);
  const { ms: _, ...check } = (await rig.json('mesh', 'check')) as Record<string, unknown>;
  const verified = { entries: 1, bundles: 1, signatures: 1 };
  assert.deepEqual(check, { ...verified, compared: true, problemCount: 0, problems: [], acceptedLosses: [] });
  const rebuilt = (await rig.json('mesh', 'rebuild')) as object;
  assert.deepEqual(Object.keys(rebuilt), ['entries', 'givenUp', 'reissued', 'ms']);
});

test('mesh invite, join, peers, revoke', async (context) => {
  const rig = new Rig(context);
  const laptop = rig.nodes.machine('laptop');
  const node = await laptop.open();
  await node.startNetwork();
  const theirs = await node.createMesh({ name: 'theirs' });
  const { token } = await theirs.createInvite();
  assert.deepEqual(await rig.json('mesh', 'join', token), {
    meshId: theirs.uuid,
    name: 'theirs',
    storeId: theirs.store('main').uuid,
  });
  // From here on it hears nothing for a while.
  await laptop.close();
  const invite = (await rig.json('mesh', 'invite')) as { token: string; expiresAt: string };
  assert.match(invite.token, /^lattice1/);
  assert.equal(invite.expiresAt, '2025-01-02T00:00:02.000Z');

  const nodeId = idOf(rig, 'laptop');
  const unknown = { lastSeen: null, path: null, rttMs: null, clockAheadMs: null, offence: null, stores: [] };
  const peer = { nodeId, name: 'laptop', status: 'member', online: false, self: false };
  const self = {
    nodeId: idOf(rig, 'desk'),
    name: 'desk',
    status: 'member',
    online: true,
    self: true,
    ...unknown,
  };
  const [first, second] = (await rig.json('mesh', 'peers')) as Record<string, unknown>[];
  const { lastSeen, stores, ...others } = first ?? {};
  assert.deepEqual(others, { ...peer, path: null, rttMs: null, clockAheadMs: null, offence: null });
  assert.match(String(lastSeen), isoTime);
  // It has not heard of the invite that was made since.
  const [ofMesh, ofMain] = stores as Record<string, unknown>[];
  assert.deepEqual({ ...ofMesh, asOf: '' }, { storeId: theirs.uuid, inSync: false, lacks: 1, asOf: '' });
  assert.deepEqual(
    { ...ofMain, asOf: '' },
    { storeId: theirs.store('main').uuid, inSync: true, lacks: 0, asOf: '' },
  );
  assert.match(String(ofMain?.['asOf']), isoTime);
  assert.deepEqual(second, self);
  const again = await laptop.open();
  await again.startNetwork();
  await again.mesh('theirs').store('main').kv().put(utf8('a'), utf8('1'));
  assert.deepEqual(await rig.json('mesh', 'revoke', nodeId.slice(0, 8), '--yes'), {
    nodeId,
    cutEntries: 0,
    synced: true,
  });
  const [revoked] = (await rig.json('mesh', 'peers')) as Record<string, unknown>[];
  assert.equal(revoked?.['status'], 'revoked');
});

test('in a mesh of more than eight, whether one is online with whom this node is not linked is null', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create', 'large');
  for (let i = 0; i < 7; i++) await rig.letIn(`n${i}`);
  const ofOthers = async () => {
    const peers = (await rig.json('mesh', 'peers')) as { self: boolean; online: boolean | null }[];
    return new Set(peers.filter(({ self }) => !self).map(({ online }) => online));
  };
  assert.deepEqual(await ofOthers(), new Set([false]));
  await rig.letIn('n7');
  assert.deepEqual(await ofOthers(), new Set([null]));
});

test('who joins a mesh again is told that it was in it', async (context) => {
  const rig = new Rig(context);
  const laptop = await rig.nodes.machine('laptop').open();
  await laptop.startNetwork();
  const { token } = await (await laptop.createMesh({ name: 'theirs' })).createInvite();
  await rig.json('mesh', 'join', token);
  const { stdout } = await rig.run(['mesh', 'join', token]);
  assert.match(stdout, /^This node is in the mesh theirs \([0-9a-f]{8}\) already; it is selected now\.\n$/);
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
  assert.match(String(digest), hash);

  const { ms, ...check } = (await rig.json('store', 'check')) as Record<string, unknown>;
  assert.ok(Number.isInteger(ms));
  const verified = { entries: 1, bundles: 1, signatures: 1 };
  assert.deepEqual(check, { ...verified, compared: true, problemCount: 0, problems: [], acceptedLosses: [] });
  assert.deepEqual(Object.keys((await rig.json('store', 'rebuild')) as object), [
    'entries',
    'givenUp',
    'reissued',
    'ms',
  ]);

  assert.deepEqual(await rig.json('store', 'sync'), []);
  await rig.letIn('laptop');
  await (await rig.nodes.machine('laptop').open()).startNetwork();
  const [report, ...others] = (await rig.json('store', 'sync')) as Record<string, unknown>[];
  assert.deepEqual(others, []);
  const { peer, ...numbers } = report ?? {};
  assert.equal(peer, idOf(rig, 'laptop'));
  assert.deepEqual(Object.keys(numbers), [
    'sentEntries',
    'receivedEntries',
    'sentBytes',
    'receivedBytes',
    'roundTrips',
    'ms',
  ]);
  assert.ok(Object.values(numbers).every((value) => typeof value === 'number'));
});

test('put, get, list, delete, with a conflict and with bytes that are no text', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  assert.deepEqual(await rig.json('put', 'a', '1'), { key: 'a' });
  const head = { value: '1', author: idOf(rig, 'desk'), time: '2025-01-01T00:00:02.000Z' };
  const got = (await rig.json('get', 'a')) as { readonly heads: readonly { readonly entry: string }[] };
  const entry = got.heads[0]?.entry ?? '';
  assert.match(entry, hash);
  assert.deepEqual(got, { key: 'a', value: '1', conflicted: false, heads: [{ ...head, entry }] });

  await rig.letIn('laptop');
  await rig.letIn('phone');
  await rig.nodes.meet('desk', 'laptop', 'phone');
  await rig.alone('laptop', (kv) => kv.delete(utf8('a')));
  await rig.alone('phone', (kv) => kv.put(utf8('a'), Uint8Array.of(255)));
  await rig.json('put', 'a', '2');
  await rig.nodes.meet('desk', 'laptop', 'phone');
  const conflict = (await rig.json('get', 'a', '--all')) as typeof got;
  for (const one of conflict.heads) assert.match(one.entry, hash);
  assert.deepEqual(
    { ...conflict, heads: conflict.heads.map((one) => ({ ...one, entry: 0 })) },
    {
      key: 'a',
      value: '2',
      conflicted: true,
      heads: [
        { value: '2', author: idOf(rig, 'desk'), time: '2025-01-01T00:00:06.000Z', entry: 0 },
        {
          value: { base64: '/w==' },
          author: idOf(rig, 'phone'),
          time: '2025-01-01T00:00:05.000Z',
          entry: 0,
        },
        { value: null, author: idOf(rig, 'laptop'), time: '2025-01-01T00:00:04.000Z', entry: 0 },
      ],
    },
  );
  await rig.alone('desk', (kv) => kv.put(Uint8Array.of(254), utf8('b')));
  assert.deepEqual(await rig.json('list'), [
    { key: 'a', value: '2', conflicted: true },
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

function idOf(rig: Rig, name: string): string {
  return toHex(rig.nodes.machine(name).nodeId);
}
