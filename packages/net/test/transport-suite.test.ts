import { describe, test } from 'node:test';
import { transportSuite } from '@lattice/testkit';
import { irohRig, irohThreadRig } from './support/iroh.js';
import { memoryRig } from './support/memory.js';

for (const [name, openRig] of [
  ['memory', memoryRig],
  ['iroh', irohRig],
  ['iroh in a thread of its own', irohThreadRig],
] as const) {
  describe(`the transport suite over ${name}`, () => {
    for (const { name: behaviour, run } of transportSuite(openRig)) test(behaviour, { timeout: 60_000 }, run);
  });
}
