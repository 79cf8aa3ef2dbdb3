import { testSeeds } from './support/chaos-runs.js';

testSeeds(
  'members that let in and throw out while parted agree in the end on who is one and what counts',
  12,
  (seed) => ({
    kind: 'membership',
    seed,
    nodes: 6,
    steps: 30,
  }),
);
