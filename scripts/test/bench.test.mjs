import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { inTurns, quantile } from '../bench/tools/in-turns.mjs';
import { rowOf } from '../bench/row.mjs';
import { root } from '../lib/repository.mjs';

const fields = ['name', 'value', 'unit', 'limit', 'ratio', 'target', 'reached'];

/** How a row of each benchmark begins. */
const rows = [
  'await put, durable',
  'concurrent puts, durable',
  'get in process',
  'list in process',
  'rebuild from the log',
  'sync to an empty node',
  'sync over Iroh, two processes, 300 entries',
  'the same, datagrams of an entry',
  'event loop p99 of the receiver',
  'event loop p99 of the sender',
  'sees p99, 20 chains, 300 entries',
  'sees p99, 20 chains, 20 entries, careless',
  'open, 300 entries',
  'open after a crash of the machine',
  'history of a key',
  '4 values of 200 KiB written',
  '4 values of 200 KiB read',
  'event loop p99.9',
  'puts through the daemon',
  'one-shot process: get',
];

function bench(...argv) {
  return spawnSync(process.execPath, [join(root, 'scripts/bench.mjs'), ...argv], { encoding: 'utf8' });
}

test('every benchmark runs, and reports rows for programs and for people', () => {
  const { status, stdout, stderr } = bench('--quick');
  assert.equal(status, 0, stderr);
  const reported = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const row of reported) {
    assert.deepEqual(Object.keys(row).slice(0, fields.length), fields);
    assert.ok(Number.isFinite(row.value) && row.value > 0, `${row.name}: ${row.value}`);
    assert.equal(row.ratio === null, row.limit === null, row.name);
    assert.equal(typeof row.reached, row.target === null ? 'object' : 'boolean', row.name);
    assert.ok(stderr.includes(row.name), `the table has ${row.name}`);
  }
  for (const name of rows) {
    const found = reported.filter((row) => row.name.startsWith(name));
    assert.equal(found.length, name.startsWith('open, ') && process.platform === 'linux' ? 2 : 1, name);
  }
});

test('a mistyped name or option is told what there is', () => {
  const name = bench('nothing-of-that-name');
  assert.equal(name.status, 2);
  assert.match(name.stderr, /No benchmark has nothing-of-that-name in its name: there are durable-put, /);
  const option = bench('--fast');
  assert.equal(option.status, 2);
  assert.match(option.stderr, /There is no option --fast: use --quick or --large/);
});

test('a target is about the ratio where there is a limit, unless it is about the value', () => {
  const row = { name: 'x', unit: '/s', value: 30, limit: 40 };
  assert.equal(rowOf({ ...row, target: { atLeast: 0.7 } }).reached, true);
  assert.equal(rowOf({ ...row, target: { atLeast: 0.8 } }).reached, false);
  assert.equal(rowOf({ ...row, target: { atMost: 0.7 } }).reached, false);
  assert.equal(rowOf({ ...row, target: { atLeast: 30, of: 'value' } }).reached, true);
  assert.equal(rowOf({ ...row, limit: undefined, target: { atMost: 29 } }).reached, false);
  assert.equal(rowOf(row).reached, null);
});

test('contestants take turns, in changing order, and the warm-up does not count', async () => {
  const log = [];
  const figures = { a: [100, 3, 1, 2].values(), b: [100, 30, 10, 20].values() };
  const contestant = (name) => () => {
    log.push(name);
    return figures[name].next().value;
  };
  const medians = await inTurns(3, { a: contestant('a'), b: contestant('b') });
  assert.deepEqual(medians, { a: 2, b: 20 });
  assert.equal(log.join(''), 'abbaabba');
});

test('a quantile is one of the figures', () => {
  assert.equal(quantile([5, 1, 3], 0.5), 3);
  assert.equal(quantile([5, 1, 3], 1), 5);
});
