import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SeededRandom } from '@lattice/testkit';
import { type ChildEnd, NodeProcess } from './child.js';

const seed = Number(process.env['LATTICE_SEED'] ?? randomInt(2 ** 31));
const lives = process.env['LATTICE_LONG'] === '1' ? 200 : 10;

test(`a node that is killed at any moment, ${lives} times, loses nothing that it acknowledged (seed ${seed})`, async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'lattice-killed-'));
  const directory = join(home, 'data');
  const random = new SeededRandom(seed);
  try {
    assertWell(await NodeProcess.run({ kind: 'write', directory, batches: 3 }), 'the first one');
    for (let life = 1; life <= lives; life++) {
      await using child = new NodeProcess({ kind: 'write', directory });
      // While it opens what the last one left, or while it writes.
      if (random.below(4) > 0) await child.checked;
      await passed(random.below(random.pick([5, 60, 400])));
      const { code, signal, stderr } = await child.kill();
      assert.equal(signal, 'SIGKILL', `seed ${seed}, life ${life}, ended with ${code}: ${stderr}`);
    }
    const last = await NodeProcess.run({ kind: 'check', directory });
    assertWell(last, 'the last one');
    t.diagnostic(`${last.reports[0]?.batches} batches acknowledged`);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

function assertWell({ code, stderr }: ChildEnd, which: string): void {
  assert.equal(code, 0, `seed ${seed}, ${which}: ${stderr}`);
}

/** Nothing is waited for here: the moment is what is random. */
function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
