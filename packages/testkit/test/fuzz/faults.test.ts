import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './run.js';

/** What fuzzing says of a decoder with that fault. */
const faults: Readonly<Record<string, RegExp>> = {
  'broken: throws what it does not declare': /case \d+, given [0-9a-f]+:\nRangeError: a defect/,
  'broken: hangs': /target "broken: hangs", case 0: hangs$/,
  'broken: makes room for what a length says': /16777216 bytes allocated for an input of \d+/,
  'broken: fills the heap': /target "broken: fills the heap", case 0: .*memory limit/,
};

for (const [target, found] of Object.entries(faults)) {
  test(`fuzzing finds a decoder that is ${target}`, async () => {
    const patience = target === 'broken: hangs' ? { hungAfterMs: 500 } : {};
    await assert.rejects(fuzz([target], { seed: 1, cases: 300, ...patience }), { message: found });
  });
}

test('the same seed makes the same input', async () => {
  const once = await fuzz(['bundle', 'frames'], { seed: 7, cases: 100 });
  assert.deepEqual(await fuzz(['bundle', 'frames'], { seed: 7, cases: 100 }), once);
});
