// The program itself, as its users run it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../lib/repository.mjs';

/** The command line that runs `lattice` on a data directory. */
export function lattice(folder, ...argv) {
  return [process.execPath, join(root, 'lattice'), '--data-dir', folder, ...argv];
}

/** A command that fails fast is not a fast one. */
export function run([program, ...argv], expected = 0) {
  const { status, stderr } = spawnSync(program, argv, { encoding: 'utf8', env: environment() });
  assert.equal(status, expected, `${argv.join(' ')}: ${stderr}`);
}

/** A daemon that serves; `stop` resolves when it is gone. */
export async function startDaemon(folder) {
  const [program, ...argv] = lattice(folder, 'daemon', '--json');
  const daemon = spawn(program, argv, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  await once(daemon.stdout, 'data');
  const stop = async () => {
    daemon.kill();
    await once(daemon, 'close');
  };
  return { stop };
}

function environment() {
  return { ...process.env, LATTICE_BIND: '', NO_COLOR: '1' };
}
