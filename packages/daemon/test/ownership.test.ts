import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAsOwner, openOrConnect } from '@lattice/daemon';
import { memoryDirectory } from '@lattice/daemon/testing';
import { type Cancel, silentLogger, type Timers, utf8 } from '@lattice/model';
import { nodeDirectory, servedNode, socketPathIn } from './rig.js';

const asCommand = { role: 'command', logger: silentLogger } as const;

test('the first process opens the node, the others reach it through its socket', async (context) => {
  const { machine, directory } = await nodeDirectory(context);
  let opened = 0;
  machine.onOpen = () => opened++;
  const all = await Promise.all(Array.from({ length: 8 }, () => openOrConnect(directory, asCommand)));
  assert.equal(opened, 1);
  assert.equal(all.filter(({ owned }) => owned !== undefined).length, 1);
  const ids = await Promise.all(all.map(async ({ client }) => (await client.nodeStatus({})).nodeId));
  assert.equal(new Set(ids).size, 1);
  await Promise.all(all.map((access) => access.close({ drainMs: 0 })));
  assert.ok(!directory.isLocked());
});

test('a command waits for an owner that is still starting', async (context) => {
  const { machine } = await nodeDirectory(context);
  let finishOpening = (): void => undefined;
  let beganOpening = (): void => undefined;
  const opening = new Promise<void>((resolve) => (beganOpening = resolve));
  const openNode = async () => {
    beganOpening();
    await new Promise<void>((resolve) => (finishOpening = resolve));
    return machine.open();
  };
  const directory = memoryDirectory({ socketPath: await socketPathIn(context), openNode });
  const first = openOrConnect(directory, asCommand);
  const timers = manualTimers();
  const second = openOrConnect(directory, { ...asCommand, timers });
  await Promise.all([timers.whenArmed(), opening]);
  finishOpening();
  const owner = await first;
  timers.fire();
  const guest = await second;
  assert.equal(guest.owned, undefined);
  await guest.close({ drainMs: 0 });
  await owner.close({ drainMs: 0 });
});

test('a locked directory whose owner does not answer is an error that says what to do', async (context) => {
  const { directory } = await nodeDirectory(context);
  await directory.tryLock();
  const timers = manualTimers({ firesAtOnce: true });
  await assert.rejects(openOrConnect(directory, { ...asCommand, timers }), {
    code: 'daemon-unreachable',
    message: /Another process has the data directory .* open and does not answer: end it/,
  });
  assert.ok(timers.waitedMs >= 9_000 && timers.waitedMs <= 11_000, `waited ${timers.waitedMs} ms`);
});

test("a second daemon is refused, with the first one's process id", async (context) => {
  const { directory } = await servedNode(context);
  await assert.rejects(openAsOwner(directory, { role: 'daemon', logger: silentLogger }), {
    code: 'already-running',
    message: new RegExp(`^Process ${process.pid} already runs`),
  });
});

test('a daemon waits for a single command to end', async (context) => {
  const { directory } = await nodeDirectory(context);
  const command = await openOrConnect(directory, asCommand);
  const timers = manualTimers();
  const starting = openAsOwner(directory, { role: 'daemon', logger: silentLogger, timers });
  await timers.whenArmed();
  await command.close({ drainMs: 0 });
  timers.fire();
  const daemon = await starting;
  await daemon.close({ drainMs: 0 });
});

test('closing lets a call in flight finish, and ends subscriptions at once', async (context) => {
  const { machine, node, owned, connectClient } = await servedNode(context);
  await node.createMesh();
  const client = await connectClient();
  const events: (string | undefined)[] = [];
  const subscription = (async () => {
    for await (const { event } of client.subscribe({})) events.push(event.case);
  })();
  let release = (): void => undefined;
  const halfway = new Promise<void>((resolve) => (release = resolve));
  async function* batches() {
    yield { operations: [{ key: utf8('a'), value: utf8('1') }] };
    await halfway;
    yield { operations: [{ key: utf8('b'), value: utf8('2') }] };
  }
  const acks = client.write(batches())[Symbol.asyncIterator]();
  await acks.next();

  const closed = owned.close({ drainMs: 60_000 });
  await subscription;
  assert.ok(machine.isOpen, 'the node stays open for the call');
  release();
  assert.equal((await acks.next()).value?.operations, 2n);
  assert.equal((await acks.next()).done, true);
  await closed;
  assert.ok(!machine.isOpen);
  assert.deepEqual(events, ['subscribed']);
});

test('closing does not wait longer than it is told to', async (context) => {
  const { machine, node, owned, connectClient } = await servedNode(context);
  await node.createMesh();
  const client = await connectClient();
  const never = new Promise<void>(() => undefined);
  async function* batches() {
    yield { operations: [{ key: utf8('a'), value: utf8('1') }] };
    await never;
  }
  const acks = client.write(batches())[Symbol.asyncIterator]();
  await acks.next();
  await Promise.all([owned.close({ drainMs: 0 }), assert.rejects(acks.next(), { code: 'daemon-gone' })]);
  assert.ok(!machine.isOpen);
});

/** Timers that run when the test says so, or at once. */
function manualTimers({ firesAtOnce = false } = {}) {
  let task: (() => void) | undefined;
  let armed = (): void => undefined;
  const onceArmed = new Promise<void>((resolve) => (armed = resolve));
  const timers = {
    waitedMs: 0,
    monotonicMs: () => timers.waitedMs,
    after: (delayMs: number, run: () => void): Cancel => {
      // How long an owner may take to answer is no pause between attempts.
      if (delayMs > 1_000) return () => undefined;
      timers.waitedMs += delayMs;
      task = run;
      armed();
      if (firesAtOnce) setImmediate(run);
      return () => undefined;
    },
    yield: () => Promise.resolve(),
    whenArmed: () => onceArmed,
    fire: () => task?.(),
  };
  return timers satisfies Timers & object;
}
