import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '@lattice/model';
import { decodePayload, encodePayload, MalformedError } from '@lattice/proto';
import fc from 'fast-check';

const operations = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 5 });

test("a payload is its machine's version, and operations one after the other", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), operations, (version, parts) => {
      assert.deepEqual(decodePayload(encodePayload(version, parts)), {
        version,
        operations: concatBytes(...parts),
      });
    }),
  );
});

test('a payload without a version, or of version zero, is malformed', () => {
  for (const bytes of [[], [0], [0x80], [0x80, 0x00], [0, 1, 2]]) {
    assert.throws(() => decodePayload(Uint8Array.from(bytes)), MalformedError);
  }
});
