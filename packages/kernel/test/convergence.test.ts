import { describe, test } from 'node:test';
import { convergenceKit } from '@lattice/testkit';
import fc from 'fast-check';
import { runs } from './support/runs.js';
import { encodeTrace, expectedTrace, traceMachine, viewTrace } from './support/trace.js';

describe('the kernel gives a machine every operation once, with its place and what it sees', () => {
  const kit = convergenceKit({
    machine: traceMachine,
    operation: fc.record({ word: fc.nat(255) }, { noNullPrototype: true }),
    encode: encodeTrace,
    view: viewTrace,
    expected: expectedTrace,
  });
  for (const { name, run } of kit) test(name, () => run({ numRuns: runs(25) }));
});
