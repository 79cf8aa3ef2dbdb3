import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBatches } from '@lattice/api';
import { array, assert as holds, asyncProperty, integer } from 'fast-check';

const target = { mesh: '', store: '' };

test('batches hold all writes in order, within bounds', async () => {
  await holds(
    asyncProperty(array(integer({ min: 0, max: 80_000 }), { maxLength: 900 }), async (sizes) => {
      const writes = sizes.map((size, i) => ({ key: Uint8Array.of(i), value: new Uint8Array(size) }));
      const batches = [];
      for await (const batch of inBatches(stream(writes), target)) batches.push(batch.operations);
      assert.deepEqual(batches.flat(), writes);
      for (const batch of batches) {
        const bytes = batch.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
        assert.ok(batch.length > 0 && batch.length <= 256);
        assert.ok(bytes <= 128 * 1024 || batch.length === 1);
      }
    }),
    { numRuns: 30 },
  );
});

async function* stream<T>(items: readonly T[]) {
  yield* items;
}
