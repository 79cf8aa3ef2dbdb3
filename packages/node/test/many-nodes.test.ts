import { testSeeds } from './support/chaos-runs.js';

testSeeds(
  'nodes that write, part, die and return end with the same, and nothing acknowledged is lost',
  20,
  (seed) => ({
    kind: 'faults',
    seed,
    nodes: 4 + (seed % 7),
    steps: 50,
  }),
);

testSeeds('the same seed is the same story, down to the last millisecond and bit', 2, (seed) => ({
  kind: 'twice',
  seed: 1_000 + seed,
  nodes: 5,
  steps: 40,
}));
