import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { concatBytes } from '@lattice/model';
import { FrameReader, FrameWriter, frameBytesMax } from '@lattice/net';
import { receivedStream, recordingStream } from './support/streams.js';

const smallBodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });
/** Where to cut, as fractions of the whole. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

test('bodies come out as they went in, however the stream cuts them', async () => {
  await fc.assert(
    fc.asyncProperty(smallBodies, cuts, async (bodies, at) => {
      assert.deepEqual(await readAll(split(await framed(bodies), at)), bodies);
    }),
  );
});

test('bodies of many blocks come out as they went in, in chunks of any size', async () => {
  const bodies = [65_531, 65_532, 1, 0, 70_000].map((length, seed) =>
    new Uint8Array(length).map((_, i) => i * 31 + seed),
  );
  const whole = await framed(bodies);
  for (const chunkBytes of [19, 4_096, 65_535, 65_536, 65_537, whole.length]) {
    const chunks: Uint8Array[] = [];
    for (let start = 0; start < whole.length; start += chunkBytes) {
      chunks.push(whole.subarray(start, start + chunkBytes));
    }
    assert.deepEqual(await readAll(chunks), bodies, `in chunks of ${chunkBytes}`);
  }
});

test('a stream that ends inside a frame is truncated, one that ends between frames is not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), fc.nat(53), cuts, async (body, keep, at) => {
      const frame = await framed([body]);
      const kept = Math.min(keep, frame.length);
      const reader = new FrameReader(receivedStream(split(concatBytes(frame, frame.subarray(0, kept)), at)));
      assert.deepEqual(await reader.next(), body);
      if (kept === 0) assert.equal(await reader.next(), undefined);
      else if (kept === frame.length) assert.deepEqual(await reader.next(), body);
      else await assert.rejects(reader.next(), { code: 'stream-truncated' });
    }),
  );
});

test('a frame that announces too much is refused by its header alone', async () => {
  const announcing = (length: number) => {
    const header = new Uint8Array(4);
    new DataView(header.buffer).setUint32(0, length);
    return new FrameReader(receivedStream([header]));
  };
  for (const length of [frameBytesMax + 1, 0xffff_ffff]) {
    await assert.rejects(announcing(length).next(), { code: 'frame-too-large' });
  }
  await assert.rejects(announcing(frameBytesMax).next(), { code: 'stream-truncated' });
});

test('a body of the greatest size passes, a greater one is not sent', async () => {
  const body = new Uint8Array(frameBytesMax).fill(7);
  const [read] = await readAll([await framed([body])]);
  assert.deepEqual(read, body);
  const { stream, writes } = recordingStream();
  await assert.rejects(new FrameWriter(stream).write(new Uint8Array(frameBytesMax + 1)), {
    code: 'frame-too-large',
  });
  assert.equal(writes.length, 0);
});

test('a peer that announces much and sends little costs little memory', async () => {
  const header = Uint8Array.of(0, 0x10, 0, 0);
  const held: FrameReader[] = [];
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 200; i++) {
    const reader = new FrameReader({ ...receivedStream([header, new Uint8Array(10)]) });
    await assert.rejects(reader.next(), { code: 'stream-truncated' });
    held.push(reader);
  }
  const perReader = (process.memoryUsage().arrayBuffers - before) / held.length;
  assert(perReader < 100_000, `${perReader} bytes each`);
});

test('what is read is the reader’s own: it shares memory with nothing', async () => {
  const chunk = await framed([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
  const [first, second] = await readAll([chunk]);
  assert(first !== undefined && second !== undefined);
  assert.equal(first.buffer.byteLength, 2);
  assert.notEqual(first.buffer, second.buffer);
});

test('all bodies of one call go out in one write', async () => {
  const { stream, writes } = recordingStream();
  await new FrameWriter(stream).write(Uint8Array.of(5), Uint8Array.of(6, 7));
  assert.deepEqual(writes, [Uint8Array.of(0, 0, 0, 1, 5, 0, 0, 0, 2, 6, 7)]);
});

async function framed(bodies: readonly Uint8Array[]): Promise<Uint8Array> {
  const { stream, writes } = recordingStream();
  await new FrameWriter(stream).write(...bodies);
  return concatBytes(...writes);
}

async function readAll(chunks: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const reader = new FrameReader(receivedStream(chunks));
  const bodies: Uint8Array[] = [];
  for (let body = await reader.next(); body !== undefined; body = await reader.next()) bodies.push(body);
  return bodies;
}

function split(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const ends = [...at.map((fraction) => Math.floor(fraction * bytes.length)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  // Streams yield no empty chunks, but if one did nothing should come of it.
  return ends.map((end, index) => bytes.slice(index === 0 ? 0 : ends[index - 1], end));
}
