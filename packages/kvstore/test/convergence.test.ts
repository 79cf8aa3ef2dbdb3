import { describe, test } from 'node:test';
import { encodeKvOps, kvMachine } from '@lattice/kvstore';
import { convergenceKit } from '@lattice/testkit';
import { expectedView, kvOperation, viewOf } from './model.js';

const numRuns = process.env['LATTICE_LONG'] === '1' ? 3_000 : 30;

describe('the key-value machine converges', () => {
  const kit = convergenceKit({
    machine: kvMachine,
    operation: kvOperation,
    encode: encodeKvOps,
    view: viewOf,
    expected: expectedView,
  });
  for (const { name, run } of kit) test(name, () => run({ numRuns }));
});
