import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chaos } from './support/chaos.js';
import { contents, meshOf, meshOn } from './support/nodes.js';

const isLong = process.env.LATTICE_LONG === '1';
const seeds = Number(process.env.LATTICE_SEEDS ?? (isLong ? 500 : 20));
const firstSeed = Number(process.env.LATTICE_FIRST_SEED ?? 1);
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
  test(`ten nodes that write, part, die and return end with the same, and nothing acknowledged is lost (seed ${seed})`, async () => {
    await using mesh = await meshOf('a', names.slice(1), { seed });
    const chaos = new Chaos(mesh, names);
    try {
      for (let i = 0; i < 60; i++) await chaos.step();
      await chaos.calm();
      await mesh.settle({ withinMs: 300_000 });
      chaos.assertNothingLost();
      for (const store of meshOn(mesh, 'a').stores()) {
        const expected = contents(mesh, 'a', store.uuid);
        for (const name of names.slice(1)) assert.deepEqual(contents(mesh, name, store.uuid), expected, name);
      }
    } catch (error) {
      console.log(`seed ${seed}:\n${chaos.history}`);
      throw error;
    }
  });
}
