import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agoText,
  clipped,
  Paint,
  peersTable,
  type StatusReport,
  statusDocument,
  statusScreen,
  wrapped,
} from '@lattice/cli/testing';
import { openAsOwner } from '@lattice/daemon';
import { silentLogger } from '@lattice/model';
import { Rig } from './rig.js';
import { away, elsewhere, lacking, mesh, nowMs, peer, report, store } from './status-reports.js';

const screen = (one: StatusReport, width = 80) => statusScreen(one, { paint: new Paint(false), width });
const linesOf = (text: string) => text.split('\n');

const usual = report(
  {
    warnings: [
      'The clock of "desk" is 2 h ahead of this machine\'s: see which of the two is wrong, and set it.',
    ],
  },
  mesh(
    [
      peer('desk', { clockAheadMs: 2 * 3_600_000 }),
      away('laptop', lacking(12)),
      peer('phone', { path: 'relay https://a.very.long.relay.example.org/with/a/path', rttMs: 0 }),
    ],
    {
      stores: [
        store({
          pending: 3,
          missing: [
            { author: 'ff'.repeat(32), seq: 12, entry: 'cc'.repeat(32), waiting: 3, sender: 'ee'.repeat(32) },
          ],
          forks: [{ author: '11'.repeat(32), branches: 2 }],
        }),
        store({
          storeId: 'cccccccc-0000-8000-8000-000000000000',
          name: 'a store whose name is rather long, as names go',
          current: false,
          entries: 1_234_567,
          held: 2,
          heldAuthors: [{ author: 'ff'.repeat(32), entries: 2, aheadMs: 7_200_000 }],
          warnings: ['2 entries are dated in the future and wait for their time: check the clocks.'],
        }),
      ],
    },
  ),
);

test('three members and two stores, with all that can be wrong, are one screen of 80 by 24', () => {
  const lines = linesOf(screen(usual));
  assert(lines.length <= 24, `${lines.length} lines:\n${lines.join('\n')}`);
  for (const line of lines) assert(line.length <= 80, line);
  const text = lines.join('\n');
  for (const shown of [
    /^Not in sync: "laptop" \(last seen 2 h ago\)/,
    /Node kitchen|Node "kitchen" 11111111 at 192\.168\.1\.5:4242/,
    /desk [0-9a-f]{8} +online +direct 192\.168\.1\.7:4242 +1 ms/,
    /laptop [0-9a-f]{8} +2 h ago +- +- +12 of main/,
    /"main" bbbbbbbb \* +kv +100 +0 +3 +0/,
    /3 entries from eeeeeeee wait for entry 12 of ffffffff/,
    /2 entries of ffffffff are held: dated 2 h ahead/,
    /"main": this node has 2 histories/,
    /warning: The clock of "desk" is 2 h ahead/,
  ])
    assert.match(text, shown);
});

test('without colour, nothing is told by colour alone; with it, the words are the same', () => {
  const coloured = statusScreen(usual, { paint: new Paint(true), width: 80 });
  // oxlint-disable-next-line no-control-regex -- that is what colours begin with
  assert.equal(coloured.replaceAll(/\u001b\[[0-9;]*m/g, ''), screen(usual));
  assert.notEqual(coloured, screen(usual));
});

test('of a hundred members, many stores and many meshes, the interesting ones are shown', () => {
  const crowd = Array.from({ length: 99 }, (_, i) => peer(`n${i}`));
  const stores = Array.from({ length: 30 }, (_, i) => store({ name: `s${i}`, conflicts: i === 25 ? 2 : 0 }));
  const text = screen(report({}, mesh([...crowd, away('behind', lacking(7))], { stores })));
  assert(linesOf(text).length <= 26, text);
  assert.match(text, /\n {2}behind [0-9a-f]{8} +2 h ago/);
  assert.match(text, /and 94 more members, all well: `mesh peers`/);
  assert.match(text, /"s25"/);
  assert.match(text, /and 24 more stores, all well: `store list`/);

  const meshes = Array.from({ length: 12 }, (_, i) => mesh([peer('desk')], { name: `m${i}` }));
  const many = screen(
    report({ warnings: Array.from({ length: 50 }, (_, i) => `Warning ${i}.`) }, ...meshes, mesh([])),
  );
  assert.match(many, /^In the mesh "home": Alone/);
  assert.match(many, /and 10 more meshes, all well: `mesh list`/);
  assert.match(many, /and 44 more: `status --json`/);
});

test('keys in conflict are told with how to see them, and what a store waits for in the document', () => {
  const notes = store({ storeId: 'cc'.repeat(16), name: 'my notes', current: false, conflicts: 2 });
  const missing = [{ author: 'a', seq: 2, entry: 'e', waiting: 1, sender: '' }];
  const told = report({}, mesh([peer('desk')], { stores: [store({ conflicts: 1, missing }), notes] }));
  const text = screen(told);
  assert.match(text, /"main": 1 key in conflict: `list --conflicts`\n/);
  assert.match(text, /"my notes": 2 keys in conflict: `list --conflicts --store "my notes"`/);
  assert.match(JSON.stringify(statusDocument(told)), /"missing":\[{[^}]*"entry":"e"[^}]*"sender":null}\]/);
});

test('a node that no process keeps running says how to, and that it shows what it heard last', () => {
  const node = { ...report().node, addresses: [], isLasting: false };
  const text = screen(report({ node }, mesh([away('desk')])));
  assert.match(text, /^Offline: "desk" had all/);
  assert.match(
    text,
    /offline: `lattice daemon` keeps it online\. Of members,\nthis is what they said last\./,
  );
  assert.doesNotMatch(screen(report({ node })), /said last/);
});

test('what others call themselves and their stores cannot drive the terminal', () => {
  const evil = 'x\u001b]0;owned\u0007\u202e';
  const one = report(
    { warnings: [evil] },
    mesh([away(evil, lacking(1))], { name: evil, stores: [store({ name: evil })] }),
  );
  for (const text of [screen(one), peersTable(one.meshes[0] ?? mesh([]), nowMs)])
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}|\p{Cf}/u);
});

test('the document has exact times, and null for what is not known', () => {
  const document = statusDocument(usual) as unknown as {
    readonly verdict: { readonly state: string };
    readonly meshes: readonly { readonly peers: readonly Record<string, unknown>[] }[];
  };
  assert.equal(document.verdict.state, 'not-in-sync');
  const laptop = document.meshes[0]?.peers.find(({ name }) => name === 'laptop');
  assert.deepEqual(
    [laptop?.['lastSeen'], laptop?.['path'], laptop?.['clockAheadMs']],
    ['2025-12-31T22:00:00.000Z', null, null],
  );
});

test('peers have a line each, those that were members too', () => {
  const one = mesh([
    peer('desk', { clockAheadMs: -7_200_000, path: 'lan 192.168.1.7:4242' }),
    away('gone', { status: 'revoked' }),
    away('laptop', lacking(12)),
    away('broken', { offence: { reason: 'an empty \x1b[2Jmessage', atMs: nowMs, barredMs: 45_000 } }),
    away('mended', { offence: { reason: 'a second hello', atMs: nowMs, barredMs: 0 } }),
  ]);
  const lines = linesOf(peersTable(one, nowMs));
  assert.match(lines[0] ?? '', /^1{16} +kitchen +member +this node$/);
  assert.match(
    lines[1] ?? '',
    /desk +member +online +LAN 192\.168\.1\.7:4242 1 ms +lacks nothing; clock 2 h behind$/,
  );
  assert.match(lines[2] ?? '', /gone +revoked +last seen 2 h ago$/);
  assert.match(lines[3] ?? '', /laptop +member +last seen 2 h ago +lacks 12 of main$/);
  assert.match(
    lines[4] ?? '',
    /; broke the protocol \(an empty [^\p{Cc}]+message\), not listened to for 45 s$/u,
  );
  assert.match(lines[5] ?? '', /; broke the protocol \(a second hello\)$/);
});

test('of a mesh of many, who is not linked with this node is not said to be offline', () => {
  const many = mesh([peer('desk'), elsewhere('laptop')]);
  const line = linesOf(peersTable(many, nowMs))[2] ?? '';
  assert.match(line, /laptop +member +not linked, last seen 2 h ago +lacks not known$/);
  const text = screen(report({}, many));
  assert.match(text, /2 other members, linked with 1\n/);
  assert.match(text, /laptop [0-9a-f]{8} +not linked +- +- +not known/);
  const { meshes } = statusDocument(report({}, many)) as unknown as {
    readonly meshes: readonly { readonly peers: readonly Record<string, unknown>[] }[];
  };
  assert.deepEqual(
    meshes[0]?.peers.map(({ online }) => online),
    [true, true, null],
  );
});

test('times are told in the largest unit', () => {
  const ago = (ms: number) => agoText(nowMs - ms, nowMs);
  assert.deepEqual(
    [-9_000, 0, 4_999, 5_000, 59_999, 60_000, 7_199_999, 86_400_000, 400 * 86_400_000].map(ago),
    [
      'just now',
      'just now',
      'just now',
      '5 s ago',
      '59 s ago',
      '1 min ago',
      '1 h ago',
      '1 day ago',
      '400 days ago',
    ],
  );
});

test('text is cut and wrapped by how wide it is', () => {
  assert.equal(clipped('abcdef', 6), 'abcdef');
  assert.equal(clipped('abcdefg', 6), 'abcde…');
  assert.equal(clipped('日本語日本', 6), '日本…');
  assert.equal(wrapped('aa bb cc dd', 5, ' '), 'aa bb\n cc\n dd');
});

test('status follows what happens, without a network; --check fails unless everything is in sync', async (context) => {
  const rig = new Rig(context);
  const stateNow = async () => ((await rig.json('status')) as StatusJson).verdict.state;
  assert.deepEqual(Object.keys((await rig.json('status')) as object), [
    'verdict',
    'node',
    'meshes',
    'warnings',
  ]);
  assert.equal(await stateNow(), 'no-mesh');
  await rig.json('mesh', 'create', 'home');
  const ran = await rig.run(['status']);
  assert.deepEqual([ran.status, ran.stderr], [0, '']);
  assert.match(ran.stdout, /^Alone: /);
  assert.equal(rig.machine.networkStarts, 0);

  await rig.letIn('laptop');
  assert.equal(await stateNow(), 'offline');
  await rig.json('put', 'a', '1');
  assert.equal(await stateNow(), 'only-here');
  assert.match((await rig.run(['status'])).stdout, /\n {2}laptop [0-9a-f]{8} +just now .* 1 of main\n/);
  assert.equal((await rig.run(['status', '--check'])).status, 1);
  await rig.nodes.meet('desk', 'laptop');
  assert.equal(await stateNow(), 'offline');

  const { meshes } = (await rig.json('status')) as StatusJson;
  assert.deepEqual(Object.keys(meshes[0] ?? {}), ['meshId', 'name', 'current', 'verdict', 'peers', 'stores']);
  assert.deepEqual(
    meshes[0]?.peers,
    await rig
      .json('mesh', 'peers')
      .then((peers) =>
        (peers as { self: boolean }[]).map((one) => (one.self ? { ...one, online: false } : one)),
      ),
  );
});

test('status of a mesh that is not there is an error', async (context) => {
  const { status, stdout, stderr } = await new Rig(context).run(['status', '--mesh', 'nope', '--json']);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /mesh-not-found/);
});

test('while a node runs on the network and members are there, all is in sync', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create', 'home');
  await rig.letIn('laptop');
  const access = await openAsOwner(rig.directory, { role: 'daemon', logger: silentLogger });
  try {
    const laptop = await rig.nodes.machine('laptop').open();
    await Promise.all([access.node.startNetwork(), laptop.startNetwork()]);
    await laptop.meshes()[0]?.stores()[0]?.sync();
    const { status, stdout } = await rig.run(['status', '--check']);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^In sync: "laptop" has all that this node has\.\n/);
    assert.match(stdout, /laptop [0-9a-f]{8} +online +memory/);
  } finally {
    await access.close({ drainMs: 0 });
  }
});

interface StatusJson {
  readonly verdict: { readonly state: string };
  readonly meshes: readonly { readonly peers: unknown }[];
}
