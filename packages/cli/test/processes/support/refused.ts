import assert from 'node:assert/strict';
import type { Machine, Ran } from './machine.js';

/** Exit statuses: what was asked cannot be done, or was asked wrongly. */
type Status = 1 | 2;

/**
 * Runs a command that must be refused: with that exit status, nothing on standard output, and on standard error one
 * sentence that says what happened and what to do.
 */
export async function refused(
  machine: Machine,
  argv: readonly string[],
  status: Status,
  says: RegExp,
): Promise<void> {
  assertRefused(await machine.run(...argv), status, says);
}

export function assertRefused({ status: exited, stdout, stderr }: Ran, status: Status, says: RegExp): void {
  assert.equal(stdout, '');
  assert.match(stderr, /^error: [^\n]+\n$/);
  assert.match(stderr, says);
  assert.doesNotMatch(stderr, /Something went wrong inside/);
  assert.equal(exited, status, stderr);
}
