import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toConnectError, toLatticeError } from '@lattice/api';
import { LatticeError } from '@lattice/model';

test('a code and its message come back as they were', () => {
  for (const code of [
    'store-not-found',
    'key-too-large',
    'mesh-ambiguous',
    'aborted',
    'internal',
    'anything',
  ]) {
    const back = toLatticeError(toConnectError(new LatticeError(code, 'Do this next.')));
    assert.deepEqual([back.code, back.message], [code, 'Do this next.']);
  }
});

test('clients that know nothing of Lattice get a status that fits', () => {
  const statusOf = (code: string) => toConnectError(new LatticeError(code, '')).code;
  assert.equal(statusOf('mesh-not-found'), 5, 'not found');
  assert.equal(statusOf('value-too-large'), 3, 'invalid argument');
  assert.equal(statusOf('store-name-taken'), 6, 'already exists');
  assert.equal(statusOf('aborted'), 1, 'canceled');
  assert.equal(statusOf('disk-full'), 9, 'failed precondition');
  assert.equal(statusOf('internal'), 13, 'internal');
});

test('what nobody expected is one sentence, and its cause is kept', () => {
  const defect = new TypeError('x is undefined\n    at y.js:1');
  const error = toLatticeError(toConnectError(defect));
  assert.equal(error.code, 'internal');
  assert.equal(error.message, 'Something went wrong inside Lattice (x is undefined): please report it.');
});

test('an abort is "aborted" for its caller, and a lost owner for others', () => {
  const abort = new Error('This operation was aborted');
  abort.name = 'AbortError';
  assert.equal(toLatticeError(abort).code, 'aborted');
  const aborted = new AbortController();
  aborted.abort();
  assert.equal(toLatticeError(abort, aborted.signal).code, 'aborted');
  assert.equal(toLatticeError(abort, new AbortController().signal).code, 'daemon-gone');
});
