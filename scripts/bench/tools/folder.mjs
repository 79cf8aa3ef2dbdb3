import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../lib/repository.mjs';

/**
 * A new folder on the repository's own disk, as what is temporary may lie in memory, where syncing costs nothing;
 * `LATTICE_BENCH_DIR` names another place. Whoever has it removes it.
 */
export function makeFolder() {
  const parent = process.env.LATTICE_BENCH_DIR ?? join(root, '.build', 'bench');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'run-'));
}

export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
}

/** Does the work with a folder that is removed afterwards. */
export async function* inFolder(work) {
  const folder = makeFolder();
  try {
    yield* work(folder);
  } finally {
    removeFolder(folder);
  }
}
