import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { fuzz } from './run.js';

const seed = Number(process.env['LATTICE_SEED'] ?? randomInt(2 ** 31));
const cases = process.env['LATTICE_LONG'] === '1' ? 100_000 : 1_000;

/** In files of their own, as each may take five minutes. */
export function testDecoders(what: string, targets: readonly string[]): void {
  test(`no decoder of ${what} does other than it says, whatever it is given (seed ${seed})`, async (t) => {
    const reports = await fuzz(targets, { seed, cases });
    for (const { target, cases: run, accepted } of reports) {
      t.diagnostic(`${target}: ${accepted} of ${run} accepted`);
      // Else its samples are none any more, and all that is tested is the first check.
      assert.ok(accepted > 0, `${target} accepts some`);
    }
  });
}
