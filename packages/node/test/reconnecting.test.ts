import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBytes } from '@lattice/model';
import type { Transport } from '@lattice/net-types';
import { openNode } from '@lattice/node';
import { isPush } from '@lattice/testkit';
import {
  contents,
  eventsOf,
  invite,
  join,
  membersFor,
  meshOf,
  meshOn,
  type Nodes,
  nodes,
  onlineFor,
  put,
  storeOn,
} from './support/nodes.js';

const together =
  (mesh: Nodes, ...names: readonly string[]) =>
  () =>
    names.every((name) => names.every((other) => other === name || onlineFor(mesh, name).includes(other)));

for (const how of ['stopped', 'killed'] as const) {
  const end = (mesh: Nodes, name: string) => (how === 'stopped' ? mesh.stop(name) : mesh.kill(name));

  for (const returning of [['a'], ['b'], ['a', 'b']]) {
    test(`when ${returning.join(' and ')} was ${how} and started again, both find each other by themselves`, async () => {
      await using mesh = await meshOf('a', ['b']);
      for (const name of returning) await end(mesh, name);
      await mesh.advance(90_000);
      for (const name of returning) await mesh.start(name);
      await mesh.until('they are online for each other', together(mesh, 'a', 'b'), 10_000);
      await put(mesh, 'a', 'key', 'from a');
      await put(mesh, 'b', 'other', 'from b');
      assert((await mesh.settle()) <= 100);
    });
  }
}

test('a sync goes on over the connection that takes the place of its own', async () => {
  const opened = await meshAndTransports();
  await using mesh = opened.mesh;
  const isReplaced = await putAndReplace(opened);
  const reports = await mesh.run(storeOn(mesh, 'a').sync());
  assert(isReplaced());
  assert.deepEqual(
    reports.map(({ failure }) => failure),
    [undefined],
  );
  assert.deepEqual(contents(mesh, 'b'), contents(mesh, 'a'));
});

test('a sync that goes on over another connection waits no second time for who is not there', async () => {
  const opened = await meshAndTransports();
  await using mesh = opened.mesh;
  await mesh.start('c');
  await join(mesh, 'c', 'a');
  await mesh.settle();
  await mesh.stop('c');
  await mesh.until('c is offline', () => !onlineFor(mesh, 'a').includes('c'), 100);
  const beganMs = mesh.time.monotonicMs();
  const syncing = storeOn(mesh, 'a').sync();
  // For so long it waits for c; sooner, it would not be this sync that brings what is put.
  await mesh.advance(4_990);
  const isReplaced = await putAndReplace(opened);
  await mesh.run(syncing);
  assert(isReplaced());
  const tookMs = mesh.time.monotonicMs() - beganMs;
  assert(tookMs < 6_000, `${tookMs} ms`);
  assert.deepEqual(contents(mesh, 'b'), contents(mesh, 'a'));
});

for (const ofWhom of ['the smaller id', 'the greater id'])
  test(`a dial by ${ofWhom} that was given up, and comes through late, costs no connection`, async () => {
    const { mesh: opened, ofA, ofB } = await meshAndTransports();
    await using mesh = opened;
    const isSmaller = compareBytes(ofA.nodeId, ofB.nodeId) < 0;
    const [from, to] = isSmaller === (ofWhom === 'the smaller id') ? [ofA, ofB] : [ofB, ofA];
    const events = [eventsOf(mesh, 'a'), eventsOf(mesh, 'b')];
    const late = await mesh.run(from.connect(to.address(), new AbortController().signal));
    await mesh.advance(100);
    late.close('the dial was given up');
    await mesh.advance(60_000);
    assert.deepEqual(events, [[], []]);
    for (const name of ['a', 'b']) assert.equal(mesh.machine(name).inUse.connections.length, 1, name);
  });

test('a connection beside the one that stands, on which nothing is said, is closed after ten seconds', async () => {
  const { mesh: opened, ofA, ofB } = await meshAndTransports();
  await using mesh = opened;
  const events = [eventsOf(mesh, 'a'), eventsOf(mesh, 'b')];
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) await mesh.run(ofA.connect(ofB.address(), signal));
  await mesh.advance(9_000);
  assert.equal(mesh.machine('b').inUse.connections.length, 2, 'the last of them waits');
  await mesh.advance(1_100);
  assert.equal(mesh.machine('b').inUse.connections.length, 1);
  assert.deepEqual(events, [[], []]);
});

for (const slow of ['a', 'b'])
  test(`where a dial by ${slow} takes seconds, and the other was quicker, what is in use stays in use`, async () => {
    const { mesh: opened, ends } = await meshAndTransports(slow);
    await using mesh = opened;
    await Promise.all([mesh.kill('a'), mesh.kill('b')]);
    await mesh.advance(60_000);
    await mesh.run(Promise.all(['a', 'b'].map((name) => mesh.start(name))));
    await mesh.until('they are together', together(mesh, 'a', 'b'), 1_000);
    ends.length = 0;
    await mesh.advance(60_000);
    assert.deepEqual(ends, ['another connection stands']);
  });

test('a node that is stopped is offline for the others at once', async () => {
  await using mesh = await meshOf('a', ['b']);
  const events = eventsOf(mesh, 'a');
  await mesh.stop('b');
  await mesh.until('b is offline', () => onlineFor(mesh, 'a').length === 0, 100);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['peer-offline'],
  );
  assert.equal(meshOn(mesh, 'a').status().online, 0);
});

for (const loss of ['killed', 'cut off'] as const) {
  test(`a node that was ${loss} is noticed within 15 s, and not much before`, async () => {
    await using mesh = await meshOf('a', ['b']);
    await mesh.advance(60_000);
    if (loss === 'killed') await mesh.kill('b');
    else mesh.partition(['a'], ['b']);
    const tookMs = await mesh.until('b is offline', () => onlineFor(mesh, 'a').length === 0, 15_000);
    assert(tookMs >= 5_000, `a short silence means nothing (${tookMs} ms)`);
  });
}

test('a short interruption costs no connection', async () => {
  await using mesh = await meshOf('a', ['b']);
  const events = eventsOf(mesh, 'a');
  mesh.partition(['a'], ['b']);
  await put(mesh, 'a', 'key', 'value');
  await mesh.advance(5_000);
  mesh.heal();
  await mesh.settle({ withinMs: 100 });
  assert.deepEqual(
    events.filter(({ kind }) => kind.startsWith('peer-')),
    [],
  );
});

test('a connection that the network resets is made anew within a second', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.network.disconnect(mesh.machine('a').nodeId, mesh.machine('b').nodeId);
  await mesh.advance(0);
  assert.deepEqual(onlineFor(mesh, 'a'), []);
  await mesh.until('they are together again', together(mesh, 'a', 'b'), 1_000);
});

test('a node that is back before its end was noticed takes the place of its former self', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.advance(60_000);
  await mesh.kill('b');
  await mesh.start('b');
  await put(mesh, 'b', 'key', 'value');
  await mesh.settle({ withinMs: 1_000 });
  await mesh.advance(60_000);
  assert.deepEqual(onlineFor(mesh, 'a'), ['b']);
  assert.equal(mesh.machine('a').inUse.connections.length, 1);
});

test('two that dial each other at once end with one connection, the same for both', async () => {
  await using mesh = await meshOf('a', ['b']);
  for (let i = 0; i < 20; i++) {
    await Promise.all([mesh.kill('a'), mesh.kill('b')]);
    await mesh.advance(60_000);
    await mesh.run(Promise.all(['a', 'b'].map((name) => mesh.start(name))));
    await mesh.until('they are together', together(mesh, 'a', 'b'), 1_000);
    const [heardByA, heardByB] = [eventsOf(mesh, 'a'), eventsOf(mesh, 'b')];
    await mesh.advance(40_000);
    for (const name of ['a', 'b']) assert.equal(mesh.machine(name).inUse.connections.length, 1, name);
    assert.deepEqual([...heardByA, ...heardByB], [], 'and it lasts');
  }
});

test('nodes that know one another find one another in a mesh of five, whoever starts first', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  await using mesh = await meshOf('a', names.slice(1));
  await mesh.until('everybody is connected', together(mesh, ...names), 10_000);
  for (const name of names) await mesh.stop(name);
  for (const name of [...names].reverse()) await mesh.start(name);
  await mesh.until('everybody is connected again', together(mesh, ...names), 10_000);
  for (const name of names) assert.equal(mesh.machine(name).inUse.connections.length, 4, name);
});

test('a node with a new address is found again by everybody once it has called', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.stop('b');
  mesh.machine('b').moveTo('memory:elsewhere');
  await mesh.start('b');
  await mesh.until('b has called', together(mesh, 'a', 'b', 'c'), 10_000);
  await mesh.advance(100);

  await assertFindsAgain(mesh, 'a', 'b');
});

test('a node whose address changes while it runs is found again by those who were connected', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.machine('b').moveTo('memory:elsewhere');
  await mesh.advance(100);
  assert.deepEqual(onlineFor(mesh, 'a'), ['b'], 'nothing breaks');
  await assertFindsAgain(mesh, 'a', 'b');
});

test('a member that one has never met is found through those who know it', async () => {
  await using mesh = nodes();
  const a = await mesh.start('a');
  await mesh.run(a.createMesh());
  for (const name of ['b', 'c']) {
    await mesh.start(name);
    await join(mesh, name, 'a');
  }
  await mesh.until('b and c have met', together(mesh, 'a', 'b', 'c'), 10_000);
  await mesh.stop('a');
  await put(mesh, 'b', 'key', 'value');
  await mesh.settle({ withinMs: 100 });
  assert.deepEqual(contents(mesh, 'c'), { key: 'value' });
});

test('a peer that is not there is dialled less and less often, at least once a minute', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.stop('b');
  const dialledAtMs = countDials(mesh, 'a');
  await mesh.restart('a');
  await mesh.advance(30 * 60_000);
  const gapsMs = dialledAtMs.slice(1).map((atMs, index) => atMs - (dialledAtMs[index] ?? 0));
  assert(gapsMs.length < 100, `${gapsMs.length} dials in half an hour`);
  assert(Math.max(...gapsMs) <= 70_000 + 1, `at most ${Math.max(...gapsMs)} ms between two dials`);
  await mesh.start('b');
  await mesh.until('they are together', together(mesh, 'a', 'b'), 1_000);
});

test('who is not dialled yet as eight others are, none of whom answers, has its turn as soon as they are given up', async () => {
  await using mesh = await meshOf('a', ['b', 'c', 'd', 'e', 'f']);
  const second = await mesh.run(mesh.node('a').createMesh({ name: 'work' }));
  for (const name of ['g', 'h', 'i', 'j', 'k']) {
    await mesh.start(name);
    const { token } = await mesh.run(second.createInvite());
    await mesh.run(mesh.node(name).joinMesh(token));
  }
  await mesh.settle();
  for (const name of mesh.running) await mesh.stop(name);
  const dialledAtMs = countDials(mesh, 'a');
  await mesh.start('a');
  const beganMs = mesh.time.monotonicMs();
  await mesh.advance(10_100);
  assert.deepEqual(
    dialledAtMs.slice(0, 10).map((atMs) => Math.round((atMs - beganMs) / 1_000)),
    [0, 0, 0, 0, 0, 0, 0, 0, 10, 10],
  );
});

test('a peer that takes every call and ends it at once is not dialled in a loop', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.stop('b');
  const rude = mesh.network.transport(mesh.machine('b').nodeId);
  const closing = closeEverything(rude);
  const dialledAtMs = countDials(mesh, 'a');
  await mesh.restart('a');
  await mesh.advance(10 * 60_000);
  assert(dialledAtMs.length < 30, `${dialledAtMs.length} dials in ten minutes`);
  await rude[Symbol.asyncDispose]();
  await closing;
});

/** The other one cannot be the one who calls: it does not know where the node is now. */
async function assertFindsAgain(mesh: Nodes, name: string, other: string): Promise<void> {
  await mesh.stop(name);
  await mesh.restart(other);
  mesh.machine(name).moveTo('memory:nobody knows');
  await mesh.start(name);
  await mesh.until(`${name} finds ${other}`, together(mesh, name, other), 10_000);
}

/** When the node dials, from its next start on. */
function countDials(mesh: Nodes, name: string): readonly number[] {
  const dialledAtMs: number[] = [];
  mesh.machine(name).onDial = () => void dialledAtMs.push(mesh.time.monotonicMs());
  return dialledAtMs;
}

async function closeEverything(transport: Transport): Promise<void> {
  for (let next = await transport.accept(); next; next = await transport.accept()) next.close('go away');
}

test('members of whom each has moved, so that neither knows where the other is, find each other by a token', async () => {
  await using mesh = await meshOf('a', ['b']);
  for (const name of ['a', 'b']) await mesh.stop(name);
  for (const name of ['a', 'b']) mesh.machine(name).moveTo(`memory:nobody knows ${name}`);
  for (const name of ['a', 'b']) await mesh.start(name);
  await mesh.advance(60_000);
  assert.deepEqual(onlineFor(mesh, 'b'), []);
  await join(mesh, 'b', 'a');
  await mesh.until('they are online for each other', together(mesh, 'a', 'b'), 10_000);
});

test('a member that knows none of those who are left finds them by a token', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.stop('b');
  await mesh.start('c');
  await join(mesh, 'c', 'a');
  await mesh.stop('a');
  mesh.machine('b').moveTo('memory:nobody knows b');
  await mesh.start('b');
  mesh.machine('c').moveTo('memory:nobody knows c');
  await mesh.restart('c');
  await join(mesh, 'b', 'c');
  assert.deepEqual(onlineFor(mesh, 'b'), ['c']);
  await mesh.settle();
  assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member', 'c member']);
});

test('a token with members of whom none can be reached holds a member up for some seconds, and changes nothing', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.stop('b');
  await mesh.start('c');
  await join(mesh, 'c', 'a');
  const token = await invite(mesh, 'c');
  for (const name of ['a', 'c']) await mesh.stop(name);
  const { uuid } = (await mesh.start('b')).meshes()[0] ?? {};
  const sinceMs = mesh.time.monotonicMs();
  assert.equal((await mesh.run(mesh.node('b').joinMesh(token))).uuid, uuid);
  assert(mesh.time.monotonicMs() - sinceMs <= 15_000);
  assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member']);
});

interface Opened {
  readonly mesh: Nodes;
  readonly ofA: Transport;
  readonly ofB: Transport;
  /** Why connections ended that were dialled. */
  readonly ends: string[];
}

/** Two nodes that have been connected for a minute, and what they are connected by; `slow`: whose dials take four seconds. */
async function meshAndTransports(slow?: string): Promise<Opened> {
  const transports: Transport[] = [];
  const ends: string[] = [];
  const mesh: Nodes = await meshOf('a', ['b'], {
    open: async (ports) => {
      const openTransport = async (seed: Uint8Array) => {
        const transport = await ports.openTransport(seed);
        const connect = transport.connect.bind(transport);
        const isSlow = slow === ['a', 'b'][transports.length % 2];
        transports.push(transport);
        transport.connect = async (peer, signal) => {
          if (isSlow) await new Promise<void>((resolve) => ports.timers.after(4_000, resolve));
          const connection = await connect(peer, signal);
          void connection.closed.then(({ reason }) => ends.push(reason));
          return connection;
        };
        return transport;
      };
      const node = await openNode({ ...ports, openTransport, version: 'test' });
      await node.startNetwork();
      return node;
    },
  });
  const [ofA, ofB] = transports;
  assert(ofA && ofB);
  await mesh.advance(60_000);
  return { mesh, ofA, ofB, ends };
}

/** Puts what only a sync brings, on the way of which another connection takes the place of the one that it goes over. */
async function putAndReplace({ mesh, ofA, ofB }: Opened): Promise<() => boolean> {
  mesh.loss = (_from, _to, frame) => isPush(frame);
  await put(mesh, 'a', 'key', 'x'.repeat(50_000));
  let isReplaced = false;
  mesh.loss = (from, _to, frame) => {
    if (from !== 'a' || isReplaced || frame.length < 50_000) return false;
    isReplaced = true;
    void connectAndSpeak(ofB, ofA);
    return true;
  };
  return () => isReplaced;
}

async function connectAndSpeak(from: Transport, to: Transport): Promise<void> {
  const connection = await from.connect(to.address(), new AbortController().signal);
  const stream = await connection.openStream();
  await stream.write(Uint8Array.of(0));
}
