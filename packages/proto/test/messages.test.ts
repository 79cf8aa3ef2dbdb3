import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage, encodeMessage, MalformedError, newMessage, wire } from '@lattice/proto';
import fc from 'fast-check';
import { mutation } from './arbitraries.js';

const differing = encodeMessage(
  wire.SyncMessageSchema,
  newMessage(wire.SyncMessageSchema, {
    body: {
      case: 'differing',
      value: { unknownShortIds: new Uint8Array(24), horizon: 1n, unionDigest: new Uint8Array(32) },
    },
  }),
);

test('bytes that are no message are malformed, and nothing else is thrown', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        mutation.map((mutate) => mutate(differing)),
      ),
      (bytes) => {
        for (const schema of [wire.StreamOpenSchema, wire.ControlMessageSchema, wire.SyncMessageSchema]) {
          try {
            decodeMessage(schema, bytes);
          } catch (error) {
            assert.ok(error instanceof MalformedError, String(error));
          }
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('what a later version adds is passed over: fields anywhere, and bodies of another kind', () => {
  const field100 = [0xa2, 0x06, 0x01, 0x00];
  const later = decodeMessage(wire.SyncMessageSchema, Uint8Array.from([...differing, ...field100]));
  assert.deepEqual(encodeMessage(wire.SyncMessageSchema, later), differing);
  assert.equal(decodeMessage(wire.ControlMessageSchema, Uint8Array.from(field100)).body.case, undefined);
});
