import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { planted } from './plants/hooks.js';
import { plants } from './plants/plants.js';

const run = promisify(execFile);
const isLong = process.env.LATTICE_LONG === '1';
/** Those that are found soon, so that each run of the tests sees the simulator find something. */
const soon = ['drop a losing head', 'wrong tie-break'];

test('each planted bug fits into the product as it is', () => {
  for (const { edits } of plants) {
    for (const file of new Set(edits.map((edit) => edit.file))) {
      const here = edits.filter((edit) => edit.file === file);
      assert.notEqual(planted(readFileSync(`packages/${file}`, 'utf8'), here), '');
    }
  }
});

for (const { name } of plants) {
  const skip = isLong || soon.includes(name) ? false : 'takes long: set LATTICE_LONG=1';
  test(`the simulator finds a planted bug: ${name}`, { skip }, async () => {
    const plant = fileURLToPath(new URL('./plants/plant.js', import.meta.url));
    const hunt = fileURLToPath(new URL('./plants/hunt.js', import.meta.url));
    const argv = ['--import', plant, hunt, '1', isLong ? '1000' : '100'];
    const { stdout } = await run(process.execPath, argv, { env: { ...process.env, LATTICE_PLANT: name } });
    const { seed, finding = '' } = JSON.parse(stdout) as {
      readonly seed?: number;
      readonly finding?: string;
    };
    assert(seed !== undefined, 'some seed finds something');
    assert.doesNotMatch(
      finding,
      /TypeError|ReferenceError/,
      'the bug is what was planted, and not that it fits no more',
    );
  });
}
