import { assert, concatBytes, toHex } from '@lattice/model';
import type { Connection, Stream } from '@lattice/net-types';
import { streamsWaitingMax } from '@lattice/net-types';
import type { TransportCase } from './suite-tools.js';
import { equal, openBoth, openPair, pattern, readExactly, rejectsWith } from './suite-tools.js';

const mebibyte = 1024 * 1024;

export const streamCases: readonly TransportCase[] = [
  {
    name: 'both sides open streams, and both directions of each carry bytes',
    async run(rig) {
      const { near, far } = await openPair(rig);
      for (const [opener, other] of [await openBoth(near, far), await openBoth(far, near)]) {
        await Promise.all([opener.write(pattern(1, 3_000)), other.write(pattern(2, 5_000))]);
        equal(toHex(await readExactly(other, 3_000)), toHex(pattern(1, 3_000)), 'the way there');
        equal(toHex(await readExactly(opener, 5_000)), toHex(pattern(2, 5_000)), 'the way back');
      }
    },
  },
  {
    name: 'a direction that is finished ends after its last byte, and the other goes on',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const [a, b] = await openBoth(near, far);
      void a.write(Uint8Array.of(1, 2, 3));
      await a.finish();
      await a.finish();
      await rejectsWith(a.write(Uint8Array.of(4)), 'stream-closed');
      equal(toHex(await readExactly(b, 3)), '010203', 'what arrives');
      equal(await b.read(), undefined, 'what comes after the end');
      equal(await b.read(), undefined, 'what comes after the end, asked again');
      await b.write(Uint8Array.of(9));
      await b.finish();
      equal(toHex(await readExactly(a, 1)), '09', 'the way back');
      equal(await a.read(), undefined, 'the end of the way back');
      b.reset();
      a.reset();
    },
  },
  {
    name: 'a stream may be finished without a byte',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const stream = await near.openStream();
      await stream.write(new Uint8Array(0));
      await stream.finish();
      const other = await far.acceptStream();
      assert(other !== undefined, 'the other side accepts');
      equal(await other.read(), undefined, 'what arrives');
    },
  },
  {
    name: 'writes go out in the order of their calls, also when nobody awaits them',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const [a, b] = await openBoth(near, far);
      const parts = [100_000, 1, 70_000, 0, 33_000, 5].map((length, seed) => pattern(seed, length));
      const whole = concatBytes(...parts);
      const writes = parts.map((part) => a.write(part));
      equal(toHex(await readExactly(b, whole.length)), toHex(whole), 'what arrives');
      await Promise.all(writes);
    },
  },
  {
    name: 'many streams at once do not mix',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const echoing = echoStreams(far, 24);
      await Promise.all(
        Array.from({ length: 24 }, (_, seed) => roundTrip(near, pattern(seed, 20_000 + seed))),
      );
      await echoing;
    },
  },
  {
    name: 'several mebibytes arrive as they were sent, in pieces of 1 byte to 64 KiB',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const [a, b] = await openBoth(near, far);
      const sent = pattern(7, 3 * mebibyte + 17);
      const sending = a.write(sent.slice()).then(() => a.finish());
      let offset = 0;
      for (let piece = await b.read(); piece !== undefined; piece = await b.read()) {
        assert(piece.length > 0 && piece.length <= 65_536, 'a piece is 1 byte to 64 KiB');
        assert(
          piece.every((byte, index) => byte === sent[offset + index]),
          `bytes from ${offset} on are as sent`,
        );
        offset += piece.length;
      }
      equal(offset, sent.length, 'the length');
      await sending;
    },
  },
  {
    name: 'a reader that does not read stops the writer, and no other stream',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const [a, b] = await openBoth(near, far);
      const [ping, pong] = await openBoth(near, far);
      const total = 8 * mebibyte;
      const sender = sendCounting(a, total);
      await untilItStops(() => sender.handedOver, ping, pong);
      assert(sender.handedOver < total / 2, `the writer waits (it could write ${sender.handedOver})`);
      for (let read = 0; read < total;) read += (await b.read())?.length ?? total + 1;
      await sender.done;
    },
  },
  {
    name: 'a reset ends what is pending on both sides, and later calls fail',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const [a, b] = await openBoth(near, far);
      const reading = rejectsWith(a.read(), 'stream-closed');
      const readingThere = rejectsWith(b.read(), 'stream-closed');
      a.reset();
      a.reset();
      await Promise.all([reading, readingThere]);
      for (const stream of [a, b]) {
        await rejectsWith(stream.write(Uint8Array.of(1)), 'stream-closed');
        await rejectsWith(stream.read(), 'stream-closed');
        await rejectsWith(stream.finish(), 'stream-closed');
      }
      await openBoth(near, far);
    },
  },
  {
    name: 'a reset by a reader ends a writer that waits for it',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const [a, b] = await openBoth(near, far);
      const [ping, pong] = await openBoth(near, far);
      const sender = sendCounting(a, 8 * mebibyte);
      const failed = rejectsWith(sender.done, 'stream-closed');
      await untilItStops(() => sender.handedOver, ping, pong);
      b.reset();
      await failed;
    },
  },
  {
    name: 'a writer that waits can give up itself',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const [a, b] = await openBoth(near, far);
      const [ping, pong] = await openBoth(near, far);
      const sender = sendCounting(a, 8 * mebibyte);
      const failed = rejectsWith(sender.done, 'stream-closed');
      await untilItStops(() => sender.handedOver, ping, pong);
      a.reset();
      await failed;
      await rejectsWith(readToEnd(b), 'stream-closed');
    },
  },
  {
    name: 'closing the connection ends pending reads and writes on both sides',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const [a, b] = await openBoth(near, far);
      const [ping, pong] = await openBoth(near, far);
      const sender = sendCounting(a, 8 * mebibyte);
      const writing = rejectsWith(sender.done, 'connection-closed');
      await untilItStops(() => sender.handedOver, ping, pong);
      const reading = rejectsWith(ping.read(), 'connection-closed');
      const readingThere = rejectsWith(pong.read(), 'connection-closed');
      far.close('that was all');
      await Promise.all([writing, reading, readingThere]);
      for (const stream of [a, b]) {
        await rejectsWith(stream.read(), 'connection-closed');
        await rejectsWith(stream.write(Uint8Array.of(1)), 'connection-closed');
        await rejectsWith(stream.finish(), 'connection-closed');
        stream.reset();
      }
    },
  },
  {
    name: 'streams that nobody accepts are bounded: what is too many is reset',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const streams: Stream[] = [];
      for (let i = 0; i <= streamsWaitingMax; i++) {
        const stream = await near.openStream();
        await stream.write(Uint8Array.of(i));
        streams.push(stream);
      }
      await rejectsWith((streams.at(-1) as Stream).read(), 'stream-closed');
      for (let i = 0; i < streamsWaitingMax; i++) {
        const accepted = await far.acceptStream();
        assert(accepted !== undefined, 'the others wait');
        equal((await readExactly(accepted, 1))[0], i, 'which one');
      }
    },
  },
];

interface CountingSender {
  readonly handedOver: number;
  readonly done: Promise<void>;
}

function sendCounting(stream: Stream, total: number): CountingSender {
  const state = { handedOver: 0, done: Promise.resolve() };
  state.done = (async () => {
    while (state.handedOver < total) {
      await stream.write(new Uint8Array(65_536));
      state.handedOver += 65_536;
    }
  })();
  return state;
}

/** Resolves when the value has stayed the same for many round trips on another stream, which stands for a while. */
async function untilItStops(value: () => number, ping: Stream, pong: Stream): Promise<void> {
  let last = -1;
  for (let same = 0; same < 200; same++) {
    await ping.write(Uint8Array.of(1));
    await readExactly(pong, 1);
    await pong.write(Uint8Array.of(2));
    await readExactly(ping, 1);
    if (value() !== last) same = 0;
    last = value();
  }
}

async function readToEnd(stream: Stream): Promise<void> {
  while ((await stream.read()) !== undefined);
}

async function roundTrip(connection: Connection, sent: Uint8Array): Promise<void> {
  const stream = await connection.openStream();
  const sending = stream.write(sent.slice()).then(() => stream.finish());
  equal(toHex(await readExactly(stream, sent.length)), toHex(sent), 'the echo');
  equal(await stream.read(), undefined, 'the end of the echo');
  await sending;
}

async function echoStreams(connection: Connection, count: number): Promise<void> {
  const echoes: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    const stream = await connection.acceptStream();
    assert(stream !== undefined, 'the other side accepts');
    echoes.push(echo(stream));
  }
  await Promise.all(echoes);
}

async function echo(stream: Stream): Promise<void> {
  for (let piece = await stream.read(); piece !== undefined; piece = await stream.read()) {
    await stream.write(piece);
  }
  await stream.finish();
}
