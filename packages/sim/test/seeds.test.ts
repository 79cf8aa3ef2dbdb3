import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { tellStory } from '@lattice/sim';
import { Elsewhere } from './support/elsewhere.js';

// Of `npm run sim`, a few seeds that are always the same; LATTICE_LONG=1 runs ten times as many.
const seeds = process.env.LATTICE_LONG === '1' ? 300 : 30;
const elsewhere = new Elsewhere();
after(() => elsewhere[Symbol.asyncDispose]());

for (let seed = 1; seed <= seeds; seed++) {
  test(`a mesh that lives through seed ${seed} ends as it must`, async () => {
    const steps = tellStory({ seed, nodes: 3 + (seed % 5), minutes: 1 });
    const { findings } = await elsewhere.run({ seed, steps });
    assert.deepEqual(
      findings,
      [],
      `npm run sim -- --seed ${seed} --nodes ${3 + (seed % 5)} --minutes 1 --trace`,
    );
  });
}
