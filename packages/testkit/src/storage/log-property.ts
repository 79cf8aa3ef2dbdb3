import type { Log } from '@lattice/storage';
import fc from 'fast-check';
import { expectSame } from './expectations.js';
import type { StorageRig } from './storage-case.js';

const runs = 40;

const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 });
const step = fc.record({
  records: fc.array(bytes, { maxLength: 4 }),
  reopenFirst: fc.integer({ min: 0, max: 5 }).map((chance) => chance === 5),
});

/** One log goes through all runs: each begins where the one before left it. */
export async function behavesAsAnArray(rig: StorageRig<Log>): Promise<void> {
  const expected: { readonly offset: number; readonly record: Uint8Array }[] = [];
  let log = await rig.open();
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const { records, reopenFirst } of steps) {
          if (reopenFirst) {
            await log[Symbol.asyncDispose]();
            log = await rig.open();
          }
          const offsets = await log.append(records);
          records.forEach((record, i) => expected.push({ offset: offsets[i] ?? -1, record }));
        }
        const found = [...log.scan(0)].map((item) => ({
          offset: item.offset,
          record: item.kind === 'record' ? item.record : undefined,
        }));
        expectSame(found, expected, 'a scan');
        for (const { offset, record } of expected.slice(-20))
          expectSame(log.read(offset), record, `at ${offset}`);
        const middle = expected[Math.floor(expected.length / 2)];
        if (middle !== undefined) {
          const half = [...log.scan(middle.offset)].length;
          expectSame(half, expected.length - expected.indexOf(middle), 'a scan from the middle');
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
  } finally {
    await log[Symbol.asyncDispose]();
  }
}
