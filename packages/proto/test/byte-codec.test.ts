import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteReader, ByteWriter, MalformedError } from '@lattice/proto';
import fc from 'fast-check';
import { varint } from './naive/cursor.js';

const safe = fc.oneof(
  fc.nat(300),
  fc.maxSafeNat(),
  fc.nat(7).map((groups) => 2 ** (7 * groups) - 1),
);
const field = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.nat(0xff) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant('u64' as const), value: safe }),
  fc.record({ kind: fc.constant('bigU64' as const), value: fc.bigInt(0n, 2n ** 64n - 1n) }),
  fc.record({ kind: fc.constant('varint' as const), value: safe }),
  fc.record({ kind: fc.constant('raw' as const), value: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({ kind: fc.constant('prefixed' as const), value: fc.uint8Array({ maxLength: 200 }) }),
);
type Field = typeof field extends fc.Arbitrary<infer T> ? T : never;

test('what is written is read back, whatever the buffer begins with', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 30 }), fc.nat(20), (fields, capacity) => {
      const writer = new ByteWriter(capacity);
      for (const one of fields) writeField(writer, one);
      const bytes = writer.finish();
      assert.equal(writer.length, bytes.length);
      assert.deepEqual(writer.view(), bytes);
      const reader = new ByteReader(bytes);
      for (const one of fields) assert.deepEqual(readField(reader, one), one.value);
      reader.end();
    }),
  );
});

test('a reader of a part of a buffer sees nothing else of it', () => {
  const reader = new ByteReader(Uint8Array.of(9, 1, 2, 9).subarray(1, 3));
  assert.equal(reader.u8(), 1);
  assert.deepEqual(reader.raw(1), Uint8Array.of(2));
  assert.throws(() => reader.u8(), MalformedError);
});

test('a writer that is reset keeps nothing, and what it finished stays as it was', () => {
  const writer = new ByteWriter(4).u32(1);
  const first = writer.finish();
  assert.deepEqual(writer.reset().u8(7).finish(), Uint8Array.of(7));
  assert.deepEqual(first, Uint8Array.of(0, 0, 0, 1));
});

test('every number has one varint: the shortest, as a plain reading of the rule has it', () => {
  fc.assert(
    fc.property(safe, (value) => {
      const bytes = new ByteWriter().varint(value).finish();
      assert.deepEqual(Buffer.from(bytes), varint(BigInt(value)));
      const longer = Uint8Array.from([...bytes.subarray(0, -1), (bytes.at(-1) ?? 0) | 0x80, 0]);
      assert.throws(() => new ByteReader(longer).varint(), MalformedError);
    }),
  );
});

test('a varint of 2^53 or more is malformed, and so is a u64', () => {
  fc.assert(
    fc.property(fc.bigInt(2n ** 53n, 2n ** 64n - 1n), (value) => {
      assert.throws(() => new ByteReader(varint(value)).varint(), MalformedError);
      assert.throws(() => new ByteReader(new ByteWriter().bigU64(value).finish()).u64(), MalformedError);
    }),
  );
});

test('every truncation is malformed, and nothing is read past the end', () => {
  fc.assert(
    fc.property(field, (one) => {
      const bytes = writeField(new ByteWriter(), one).finish();
      for (let length = 0; length < bytes.length; length++) {
        assert.throws(() => readField(new ByteReader(bytes.subarray(0, length)), one), MalformedError);
      }
    }),
  );
});

test('a length over its bound is refused before anything is read', () => {
  const bytes = new ByteWriter().varint(5).finish();
  assert.throws(() => new ByteReader(bytes).prefixed(4, 'a thing'), {
    name: 'MalformedError',
    message: /a thing/,
  });
  assert.throws(() => new ByteReader(Uint8Array.of(1)).end(), MalformedError);
});

function writeField(writer: ByteWriter, one: Field): ByteWriter {
  if (one.kind === 'bigU64') return writer.bigU64(one.value);
  if (one.kind === 'raw' || one.kind === 'prefixed') return writer[one.kind](one.value);
  return writer[one.kind](one.value);
}

function readField(reader: ByteReader, one: Field): number | bigint | Uint8Array {
  if (one.kind === 'raw') return reader.raw(one.value.length);
  if (one.kind === 'prefixed') return reader.prefixed(200, 'a field');
  return reader[one.kind]();
}
