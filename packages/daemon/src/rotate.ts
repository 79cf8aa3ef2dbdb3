import { LatticeError } from '@lattice/model';
import type { RotateReport } from '@lattice/node';
import { assertHoldsNode, type DataDirectory } from './data-directory.js';

/**
 * Gives the node of a directory another identity (see `Node.rotate`), while nobody else has it open. Rejects with
 * `already-running` where a process has, and with `node-not-found`.
 */
export async function rotate(
  directory: DataDirectory,
  options: { readonly name?: string },
): Promise<RotateReport> {
  await assertHoldsNode(directory);
  const lock = await directory.tryLock();
  if (lock === undefined) throw await stillRunning(directory);
  try {
    await using node = await directory.openNode();
    return await node.rotate(options);
  } finally {
    await lock.release();
  }
}

async function stillRunning(directory: DataDirectory): Promise<LatticeError> {
  const owner = await directory.findOwner();
  const who = owner === undefined ? 'A process' : `Process ${owner.pid}`;
  return new LatticeError(
    'already-running',
    `${who} runs the node in ${directory.path} with the key that it has now: end it (leave the shell, stop the daemon), then run the command again.`,
  );
}
