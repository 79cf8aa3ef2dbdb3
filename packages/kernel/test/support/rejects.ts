import assert from 'node:assert/strict';
import { LatticeError } from '@lattice/model';

/** That the promise rejects with that code. */
export async function rejectsWith(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (error) => error instanceof LatticeError && error.code === code);
}
