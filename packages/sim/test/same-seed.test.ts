import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const script = 'scripts/sim.mjs';

test('the same seed is the same story in every process, down to the last line of its trace', () => {
  const [first, second] = [traceOf(3), traceOf(3)];
  assert(first.length > 100, 'something happened');
  assert.deepEqual(first, second);
});

test('another seed is another story', () => {
  assert.notDeepEqual(traceOf(3), traceOf(4));
});

function traceOf(seed: number): readonly string[] {
  const argv = [script, '--seed', String(seed), '--nodes', '4', '--minutes', '1', '--trace', '--no-shrink'];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  const lines = stdout.split('\n');
  const digest = /\d+ s, ([0-9a-f]{16}):/.exec(stderr)?.[1];
  assert(digest, stderr);
  return [
    digest,
    ...lines.slice(
      0,
      lines.findIndex((line) => line.includes('hours of mesh life')),
    ),
  ];
}
