import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@lattice/model';
import { decodeGenesis, encodeGenesis, isStoreType, MalformedError } from '@lattice/proto';
import fc from 'fast-check';
import { genesis, mutation } from './arbitraries.js';
import { genesisJson } from './make/json.js';
import { genesisBytes } from './naive/formats.js';

test('a genesis is laid out as the protocol says, and read back', () => {
  fc.assert(
    fc.property(genesis, (one) => {
      const bytes = encodeGenesis(one);
      assert.equal(toHex(bytes), genesisBytes(genesisJson(one)).toString('hex'));
      assert.deepEqual(decodeGenesis(bytes), one);
    }),
  );
});

test('every truncation of a genesis is malformed, and so is a byte more', () => {
  fc.assert(
    fc.property(genesis, (one) => {
      const bytes = encodeGenesis(one);
      for (let length = 0; length < bytes.length; length++) {
        assert.throws(() => decodeGenesis(bytes.subarray(0, length)), MalformedError);
      }
      assert.throws(() => decodeGenesis(Uint8Array.from([...bytes, 0])), MalformedError);
    }),
    { numRuns: 30 },
  );
});

test('changed bytes are malformed, or the one layout of another genesis', () => {
  fc.assert(
    fc.property(genesis, mutation, (one, mutate) => {
      const bytes = mutate(encodeGenesis(one));
      try {
        assert.deepEqual(encodeGenesis(decodeGenesis(bytes)), bytes);
      } catch (error) {
        assert.ok(error instanceof MalformedError);
      }
    }),
    { numRuns: 500 },
  );
});

test('a store type is 1 to 32 of a-z, 0-9 and hyphens, a letter first', () => {
  for (const type of ['kv', 'a', 'log-2', 'x'.repeat(32)]) assert.ok(isStoreType(type), type);
  for (const type of ['', '1kv', '-kv', 'KV', 'k v', 'kv\n', 'kü', 'x'.repeat(33)])
    assert.ok(!isStoreType(type), type);
});
