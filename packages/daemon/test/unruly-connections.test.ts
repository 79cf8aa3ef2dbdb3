import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { openAsOwner, openOrConnect } from '@lattice/daemon';
import { silentLogger, utf8 } from '@lattice/model';
import { assert as holds, asyncProperty, boolean, uint8Array } from 'fast-check';
import { heldTimers } from './held-timers.js';
import { nodeDirectory, rawSocket } from './rig.js';

const statusPath = '/lattice.v1.LatticeService/NodeStatus';
const http2Preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** What a connection may take to begin speaking, and what the one message of a call may take to arrive. */
const greetingMs = 10_000;
const messageMs = 30_000;

/** A served node whose time the test keeps. */
async function served(context: TestContext) {
  const timers = heldTimers();
  const { directory } = await nodeDirectory(context);
  const owned = await openAsOwner(directory, { role: 'daemon', logger: silentLogger, timers });
  // What is left of them is cut at once.
  context.after(() => owned.close({ drainMs: 0, signal: AbortSignal.abort() }));
  const connectClient = async () => {
    const access = await openOrConnect(directory, { role: 'command', logger: silentLogger });
    context.after(() => access.close({ drainMs: 0 }));
    return access.client;
  };
  return { timers, socketPath: owned.socketPath, connectClient };
}

async function closed(socket: Socket): Promise<void> {
  socket.resume();
  // Not `once`, for which a broken pipe on the way there is a failure.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

const halves = {
  nothing: '',
  'half a word': 'PO',
  "half of HTTP/2's first line": 'PRI * HT',
  "half of HTTP/2's preface": http2Preface.slice(0, -3),
  "HTTP/2's preface without settings": http2Preface,
  'half an HTTP/1.1 header': `POST ${statusPath} HTTP/1.1\r\nHost: x\r\nContent-Ty`,
};
for (const [what, bytes] of Object.entries(halves)) {
  test(`a connection that says ${what} is cut in time`, async (context) => {
    const { timers, socketPath, connectClient } = await served(context);
    const socket = await rawSocket(context, socketPath);
    socket.write(bytes);
    await timers.whenArmed(greetingMs);
    // Whoever comes later is served later: what was written is there by now.
    await (await connectClient()).nodeStatus({});
    timers.fire(greetingMs);
    await closed(socket);
  });
}

test('a connection that goes on with half of a second request is cut in time', async (context) => {
  const { timers, socketPath } = await served(context);
  const socket = await rawSocket(context, socketPath);
  const request = `POST ${statusPath} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
  socket.write(request + request.slice(0, 30));
  await once(socket, 'data');
  await timers.whenArmed(greetingMs);
  timers.fire(greetingMs);
  await closed(socket);
});

test('a call whose one message never ends is cut in time', async (context) => {
  const { timers, socketPath } = await served(context);
  const socket = await rawSocket(context, socketPath);
  socket.write(
    `POST ${statusPath} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
  );
  await timers.whenArmed(messageMs);
  timers.fire(messageMs);
  await closed(socket);
});

test('a header that does not end is refused', async (context) => {
  const { socketPath, connectClient } = await served(context);
  const client = await connectClient();
  const socket = await rawSocket(context, socketPath);
  let answer = '';
  socket.on('data', (bytes) => (answer += String(bytes)));
  socket.write(`POST ${statusPath} HTTP/1.1\r\nHost: x\r\nEndless: ${'x'.repeat(20_000)}`);
  await closed(socket);
  assert.match(answer, /^HTTP\/1\.1 431 /);
  await client.nodeStatus({});
});

test('random bytes, as such or in a session, disturb nobody', async (context) => {
  const { socketPath, connectClient } = await served(context);
  const client = await connectClient();
  await holds(
    asyncProperty(boolean(), uint8Array({ maxLength: 500 }), async (isSession, bytes) => {
      const socket = await rawSocket(context, socketPath);
      if (isSession) socket.write(http2Preface);
      socket.end(bytes);
      await client.nodeStatus({});
      socket.destroy();
    }),
    { numRuns: 200 },
  );
});

test('a thousand idle connections keep nobody out, and end no call', async (context) => {
  const { socketPath, connectClient } = await served(context);
  const [busy, idle] = [await connectClient(), await connectClient()];
  await busy.meshCreate({ name: 'quiet' });
  let release = (): void => undefined;
  const halfway = new Promise<void>((resolve) => (release = resolve));
  async function* batches() {
    yield { operations: [{ key: utf8('a'), value: utf8('1') }] };
    await halfway;
    yield { operations: [{ key: utf8('b'), value: utf8('2') }] };
  }
  const acks = busy.write(batches())[Symbol.asyncIterator]();
  await acks.next();
  await idle.nodeStatus({});

  const sockets: Socket[] = [];
  // One by one: the system lets only so many wait to be accepted.
  while (sockets.length < 1_000) sockets.push(await rawSocket(context, socketPath));
  const newcomer = await connectClient();
  const { meshId } = await newcomer.meshCreate({ name: 'crowded' });
  release();
  assert.equal((await acks.next()).value?.operations, 2n, 'a call under way goes on');
  assert.equal(
    (await idle.meshStatus({ mesh: 'crowded' })).meshId,
    meshId,
    'who was cut while idle comes back',
  );
  await newcomer.put({ key: utf8('a'), value: utf8('1') });
  await Promise.all(sockets.slice(0, 700).map(closed));
});

test('a client may keep its session for later', async (context) => {
  const { timers, connectClient } = await served(context);
  const client = await connectClient();
  await client.nodeStatus({});
  await client.nodeStatus({});
  assert.equal(timers.pending, 0);
});
