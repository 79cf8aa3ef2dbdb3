import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@lattice/model';
import { ByteWriter, canonicalEntryBytes, canonicalEntryLength, writeCanonicalEntry } from '@lattice/proto';
import fc from 'fast-check';
import { bundle, entry } from './arbitraries.js';
import { entryJson } from './make/json.js';
import { entryBytes } from './naive/formats.js';

test('an entry is laid out as the protocol says, in as many bytes as its length says', () => {
  fc.assert(
    fc.property(entry, (one) => {
      const bytes = canonicalEntryBytes(one);
      assert.equal(toHex(bytes), entryBytes(entryJson(one)).toString('hex'));
      assert.equal(bytes.length, canonicalEntryLength(one));
    }),
  );
});

test('an entry is laid out the same into a writer that is used again', () => {
  const scratch = new ByteWriter(16);
  fc.assert(
    fc.property(bundle, ({ entries }) => {
      for (const one of entries) {
        assert.deepEqual(writeCanonicalEntry(scratch.reset(), one).view(), canonicalEntryBytes(one));
      }
    }),
    { numRuns: 30 },
  );
});

test('two different entries never have the same canonical bytes', () => {
  fc.assert(
    fc.property(entry, entry, (one, other) => {
      const sameFields = JSON.stringify(entryJson(one)) === JSON.stringify(entryJson(other));
      assert.equal(toHex(canonicalEntryBytes(one)) === toHex(canonicalEntryBytes(other)), sameFields);
    }),
  );
});
