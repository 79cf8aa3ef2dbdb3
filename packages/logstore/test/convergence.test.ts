import { describe, test } from 'node:test';
import { encodeLogOps, logMachine } from '@lattice/logstore';
import { convergenceKit } from '@lattice/testkit';
import { expectedView, logOperation, viewOf } from './model.js';

const numRuns = process.env['LATTICE_LONG'] === '1' ? 3_000 : 30;

describe('the log machine converges', () => {
  const kit = convergenceKit({
    machine: logMachine,
    operation: logOperation,
    encode: encodeLogOps,
    view: viewOf,
    expected: expectedView,
  });
  for (const { name, run } of kit) test(name, () => run({ numRuns }));
});
