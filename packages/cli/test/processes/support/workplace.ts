import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';

/** A folder of its own with the program in it, as if it were a fresh clone, and loopback for a network. */
export function workplace(context: TestContext): {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
} {
  const folder = mkdtempSync(join(tmpdir(), 'lattice-'));
  context.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  symlinkSync(resolve('lattice'), join(folder, 'lattice'));
  const { LATTICE_DATA_DIR: _dir, LATTICE_MESH: _mesh, LATTICE_STORE: _store, ...inherited } = process.env;
  return { folder, env: { ...inherited, LATTICE_BIND: '127.0.0.1:0', NO_COLOR: '1' } };
}
