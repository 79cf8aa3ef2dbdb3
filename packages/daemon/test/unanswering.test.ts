import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { openAsOwner, openOrConnect } from '@lattice/daemon';
import { silentLogger } from '@lattice/model';
import { heldTimers } from './held-timers.js';
import { nodeDirectory, servedNode } from './rig.js';

const asCommand = { role: 'command', logger: silentLogger } as const;
/** What an owner may take to answer. */
const limitMs = 5_000;

/** A directory whose owner is `answer`, whatever that says on its socket. */
async function ownedBy(context: TestContext, answer: (socket: Socket) => void) {
  const { socketPath, directory } = await nodeDirectory(context);
  const lock = await directory.tryLock();
  assert(lock);
  await lock.publish();
  await listen(context, socketPath, answer);
  return { directory, lock };
}

async function listen(context: TestContext, socketPath: string, answer: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
}

const silent = (socket: Socket) => void socket.resume();

test('an owner that says nothing is reported in time, with its process id and what to do', async (context) => {
  const { directory } = await ownedBy(context, silent);
  const expected = { code: 'daemon-not-answering', message: new RegExp(`kill -CONT ${process.pid}\\)`) };
  for (const open of [openOrConnect, openAsOwner]) {
    const timers = heldTimers();
    const opening = assert.rejects(open(directory, { ...asCommand, timers }), expected);
    await timers.whenArmed(limitMs);
    timers.fire(limitMs);
    await opening;
  }
});

test('who waits for an owner that says nothing can be interrupted', async (context) => {
  const { directory } = await ownedBy(context, silent);
  const timers = heldTimers();
  const stop = new AbortController();
  const opening = openOrConnect(directory, { ...asCommand, timers, signal: stop.signal });
  await timers.whenArmed(limitMs);
  stop.abort();
  await assert.rejects(opening, { name: 'AbortError' });
  assert.equal(timers.pending, 0);
});

const strangers = {
  'a web server': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'a mail server': '220 mail.example.org ESMTP\r\n',
  zeros: new Uint8Array(1_000),
};
for (const [who, says] of Object.entries(strangers)) {
  test(`${who} in the place of the owner is reported at once`, async (context) => {
    const { directory } = await ownedBy(context, (socket) => void socket.resume().write(says));
    await assert.rejects(openOrConnect(directory, { ...asCommand, timers: heldTimers() }), {
      code: 'daemon-unreachable',
      message: /does not speak Lattice's protocol\): end it/,
    });
  });
}

test('whoever listens where no process has the directory is passed over', async (context) => {
  const { directory, lock } = await ownedBy(context, (socket) => void socket.resume().write('220 hello\r\n'));
  await lock.release();
  const access = await openOrConnect(directory, asCommand);
  assert(access.owned);
  await access.close({ drainMs: 0 });
});

test('a file in the place of the socket is named as what is in the way', async (context) => {
  const { socketPath, directory } = await nodeDirectory(context);
  const lock = await directory.tryLock();
  await lock?.publish();
  await lock?.release();
  await writeFile(socketPath, 'precious');
  await assert.rejects(openOrConnect(directory, asCommand), { code: 'socket-path-taken' });
});

test('nothing limits what comes after the first answer', async (context) => {
  const { directory } = await servedNode(context);
  const timers = heldTimers();
  const access = await openOrConnect(directory, { ...asCommand, timers });
  context.after(() => access.close({ drainMs: 0 }));
  const events = access.client.subscribe({})[Symbol.asyncIterator]();
  await events.next();
  assert.equal(timers.pending, 0, 'a silent stream has no time limit');
  await events.return?.();
});

test('an owner that says nothing after a restart is reported in time too', async (context) => {
  const { directory, owned } = await servedNode(context);
  const timers = heldTimers();
  const access = await openOrConnect(directory, { ...asCommand, timers });
  context.after(() => access.close({ drainMs: 0 }));
  await access.client.nodeStatus({});
  await owned.close({ drainMs: 0 });
  await assert.rejects(access.client.nodeStatus({}), { code: 'daemon-gone' });
  await listen(context, owned.socketPath, silent);
  const call = assert.rejects(access.client.nodeStatus({}), { code: 'daemon-not-answering' });
  await timers.whenArmed(limitMs);
  timers.fire(limitMs);
  await call;
});

test('an owner that hangs up without a word is tried again', async (context) => {
  let attempts = 0;
  const { directory } = await ownedBy(context, (socket) => {
    attempts++;
    socket.destroy();
  });
  const timers = heldTimers();
  const stop = new AbortController();
  const opening = openOrConnect(directory, { ...asCommand, timers, signal: stop.signal });
  await timers.whenArmed(20);
  timers.fire(20);
  await timers.whenArmed(40);
  assert.equal(attempts, 2);
  stop.abort();
  await assert.rejects(opening, { name: 'AbortError' });
});
