import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { fuzz } from './run.js';

const seed = Number(process.env['LATTICE_SEED'] ?? randomInt(2 ** 31));
const cases = process.env['LATTICE_LONG'] === '1' ? 100_000 : 1_000;

const targets = [
  'bundle',
  'bundle of a peer',
  'genesis',
  'payload',
  'operations of a key-value store',
  'operations of a mesh store',
  'StreamOpen message',
  'ControlMessage message',
  'SyncMessage message',
  'frames',
  'token',
  'token with a checksum that fits',
  'line of the shell',
  'line of NDJSON',
  'NDJSON',
  'cursor',
  'cursor with a checksum that fits',
  'segment of a log',
  'state of LMDB',
  'guard of an LMDB file',
];

test(`no decoder does other than it says, whatever it is given (seed ${seed})`, async (t) => {
  const reports = await fuzz(targets, { seed, cases });
  for (const { target, cases: run, accepted } of reports) {
    t.diagnostic(`${target}: ${accepted} of ${run} accepted`);
    // Else its samples are no samples any more, and all that is tested is the first check.
    assert.ok(accepted > 0 && accepted <= run, `${target} accepts some`);
  }
});
