import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Stream, Transport } from '@lattice/net-types';
import { MemoryNetwork, VirtualTime } from '@lattice/testkit';
import { nodeId } from './support/memory.js';

const never = new AbortController().signal;
const [idA, idB] = [nodeId(1), nodeId(2)];

test('latency is one way, and counts for dials, bytes and goodbyes', async () => {
  const { time, a, b } = build({ latencyMs: 40 });
  const dial = connect(a, b);
  await time.run(dial);
  assert.equal(time.monotonicMs(), 80);
  const [near, far] = await dial;
  assert.equal(near.info().rttMs, 80);

  const stream = await near.openStream();
  await stream.write(Uint8Array.of(1));
  await stream.finish();
  const other = await time.run(far.acceptStream());
  assert(other !== undefined);
  assert.equal(time.monotonicMs(), 120);
  near.close('bye');
  assert.deepEqual(await time.run(far.closed), { by: 'remote', reason: 'bye' });
  assert.equal(time.monotonicMs(), 160);
});

test('what is sent while two nodes are apart arrives when they are together again, in order', async () => {
  const { time, network, a, b } = build();
  const [stream, other] = await openStreams(a, b);
  network.partition(idA, idB);
  await stream.write(Uint8Array.of(1));
  await stream.write(Uint8Array.of(2));
  await stream.finish();
  let arrived: Uint8Array | undefined;
  const reading = other.read().then((piece) => (arrived = piece));
  await time.advance(29_999);
  assert.equal(arrived, undefined);
  network.heal(idA, idB);
  assert.deepEqual(await reading, Uint8Array.of(1));
  assert.deepEqual(await other.read(), Uint8Array.of(2));
  assert.equal(await other.read(), undefined);
  await time.advance(60_000);
});

test('a partition that lasts ends connections and fails dials, after the network’s patience', async () => {
  const { time, network, a, b } = build();
  const [near, far] = await connect(a, b);
  network.partition(idA, idB);
  const dial = assert.rejects(a.connect(b.address(), never), { code: 'dial-failed' });
  assert.deepEqual(await time.run(near.closed), { by: 'network', reason: 'timed out' });
  assert.deepEqual(await far.closed, { by: 'network', reason: 'timed out' });
  await time.run(dial);
  assert.equal(time.monotonicMs(), 30_000);
  network.heal(idA, idB);
  await connect(a, b);
});

test('a dial to a node that is not there yet succeeds when it comes', async () => {
  const { time, network, a } = build();
  const late = nodeId(9);
  const dial = a.connect({ nodeId: late, direct: [`memory:${'09'.repeat(32)}`] }, never);
  await time.advance(20_000);
  const transport = network.transport(late);
  const [near, far] = await Promise.all([dial, transport.accept()]);
  assert(far !== undefined);
  assert.deepEqual(near.remote, late);
  assert.equal(time.timersSet, 0);
});

test('a dial that is given up leaves nothing behind', async () => {
  const { time, a } = build();
  const abort = new AbortController();
  const dial = a.connect({ nodeId: idB, direct: ['nowhere'] }, abort.signal);
  await time.advance(1);
  assert.equal(time.timersSet, 1);
  abort.abort();
  await assert.rejects(dial, { code: 'aborted' });
  assert.equal(time.timersSet, 0);
});

test('a disconnect breaks streams in the middle, and the nodes may connect again at once', async () => {
  const { network, a, b } = build();
  const [stream, other] = await openStreams(a, b);
  const reading = assert.rejects(other.read(), { code: 'connection-closed', message: /connection reset/ });
  network.disconnect(idA, idB);
  await reading;
  await assert.rejects(stream.write(Uint8Array.of(1)), { code: 'connection-closed' });
  await openStreams(a, b);
});

test('a crashed node is missed only after a while, and may come back before', async () => {
  const { time, network, a, b } = build();
  const [near] = await connect(a, b);
  network.crash(idB);
  assert.equal(await b.accept(), undefined);
  const again = network.transport(idB);
  const [second] = await connect(a, again);
  assert.deepEqual(await time.run(near.closed), { by: 'network', reason: 'timed out' });
  assert.equal(time.monotonicMs(), 30_000);
  const stream = await second.openStream();
  await stream.write(Uint8Array.of(1));
});

test('traffic is counted each way, as payload and pieces', async () => {
  const { network, a, b } = build();
  const [stream, other] = await openStreams(a, b);
  const before = network.traffic(idA, idB);
  await stream.write(new Uint8Array(100_000));
  await stream.write(Uint8Array.of(1));
  const after = network.traffic(idA, idB);
  assert.equal(after.bytes - before.bytes, 100_001);
  assert.equal(after.frames - before.frames, 3);
  assert.deepEqual(network.traffic(idB, idA), { bytes: 0, frames: 0 });
  assert.equal((await other.read())?.length, 65_536);
});

test('a writer gets no further than the window ahead of its reader', async () => {
  const { time, a, b } = build({ windowBytes: 1_000 });
  const [stream, other] = await openStreams(a, b);
  // The byte that opened the stream was read, and is not given back alone.
  await stream.write(new Uint8Array(999));
  let isWritten = false;
  const writing = stream.write(Uint8Array.of(1, 2)).then(() => (isWritten = true));
  await time.advance(1_000_000);
  assert.equal(isWritten, false);
  await other.read();
  await writing;
});

test('the same run gives the same order, whatever it is', async () => {
  const runs = await Promise.all([scramble(), scramble()]);
  assert.deepEqual(runs[0], runs[1]);
  assert.equal(runs[0].length, 300);
});

/** Many streams at once over a link whose latency changes; returns what arrived, in the order of arrival. */
async function scramble(): Promise<string[]> {
  const { time, network, a, b } = build({ latencyMs: 5 });
  const [near, far] = await time.run(connect(a, b));
  const order: string[] = [];
  const sending = Array.from({ length: 30 }, async (_, i) => {
    const stream = await near.openStream();
    for (let k = 0; k < 10; k++) {
      network.setLatency(idA, idB, (i * 7 + k * 3) % 11);
      await stream.write(Uint8Array.of(i, k));
    }
    await stream.finish();
  });
  const receive = async (stream: Stream) => {
    for (let piece = await stream.read(); piece !== undefined; piece = await stream.read()) {
      order.push(`${time.monotonicMs()}: ${piece.join(',')}`);
    }
  };
  const receiving: Promise<void>[] = [];
  for (let i = 0; i < 30; i++) {
    const stream = await time.run(far.acceptStream());
    assert(stream !== undefined);
    receiving.push(receive(stream));
  }
  await time.run(Promise.all([...sending, ...receiving]));
  return order;
}

function build(options: { readonly latencyMs?: number; readonly windowBytes?: number } = {}) {
  const time = new VirtualTime();
  const network = new MemoryNetwork({ timers: time, ...options });
  return { time, network, a: network.transport(idA), b: network.transport(idB) };
}

async function connect(from: Transport, to: Transport): Promise<readonly [Connection, Connection]> {
  const [near, far] = await Promise.all([from.connect(to.address(), never), to.accept()]);
  assert(far !== undefined);
  return [near, far];
}

async function openStreams(from: Transport, to: Transport): Promise<readonly [Stream, Stream]> {
  const [near, far] = await connect(from, to);
  const stream = await near.openStream();
  await stream.write(Uint8Array.of(0));
  const other = await far.acceptStream();
  await other?.read();
  assert(other !== undefined);
  return [stream, other];
}
