import assert from 'node:assert/strict';
import { fromHex } from '@lattice/model';
import { FrameReader } from '@lattice/net';
import { decodeMessage, encodeMessage, wire } from '@lattice/proto';
import { type FuzzTarget, type Outcome, refusedAs, refusedAsMalformed } from '../target.js';
import { vectors } from '../vectors.js';

const schemas = {
  StreamOpen: wire.StreamOpenSchema,
  ControlMessage: wire.ControlMessageSchema,
  SyncMessage: wire.SyncMessageSchema,
} as const;

const all = vectors('messages', 'messages');
const frames = all.map(({ frame = '' }) => fromHex(frame));

export const messageTargets: readonly FuzzTarget[] = [
  ...Object.entries(schemas).map(([name, schema]): FuzzTarget => {
    const samples = all.flatMap(({ type }, i) =>
      type === name ? [(frames[i] as Uint8Array).subarray(4)] : [],
    );
    return { name: `${name} message`, samples, decode: (bytes) => readMessage(schema, bytes) };
  }),
  { name: 'frames', samples: frames, share: 0.5, decode: readFrames },
];

/** Not canonical, but what it was taken for is what is read when it is sent on. */
function readMessage(schema: (typeof schemas)[keyof typeof schemas], bytes: Uint8Array): Outcome {
  try {
    const encoded = encodeMessage(schema, decodeMessage(schema, bytes));
    assert.deepEqual(encodeMessage(schema, decodeMessage(schema, encoded)), encoded);
    return 'accepted';
  } catch (error) {
    return refusedAsMalformed(error);
  }
}

/** In chunks of all sizes; what comes out is what went in. */
async function readFrames(bytes: Uint8Array): Promise<Outcome> {
  let at = 0;
  const read = async () => {
    if (at >= bytes.length) return undefined;
    const chunk = bytes.slice(at, at + 1 + ((bytes[at] as number) % 50));
    at += chunk.length;
    return chunk;
  };
  const stream = { read, write: async () => {}, finish: async () => {}, reset: () => {} };
  const reader = new FrameReader(stream, 4_096);
  let place = 0;
  try {
    for (let body = await reader.next(); body !== undefined; body = await reader.next()) {
      assert.deepEqual(body, bytes.slice(place + 4, place + 4 + body.length));
      place += 4 + body.length;
    }
    assert.equal(place, bytes.length);
    return 'accepted';
  } catch (error) {
    return refusedAs(error, 'frame-too-large', 'stream-truncated');
  }
}
