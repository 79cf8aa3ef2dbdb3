// How long a whole one-shot process takes beside a daemon, from its start to its end, against one that does nothing.
// They take turns, so that whatever else the machine does slows all of them alike: the ratio is what to look at.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../lib/repository.mjs';
import { rowOf } from './row.mjs';

const rounds = Number(process.env.LATTICE_BENCH_ROUNDS ?? 25);
/** Of the median, for a command that asks the daemon. */
const target = 2.5;

const commands = {
  get: ['get', 'a'],
  put: ['put', 'a', '1'],
  list: ['list'],
  'node status': ['node', 'status'],
  '--version': ['--version'],
  help: ['help'],
  'an unknown command': ['gte'],
};

/** A row for each command. */
export async function* measureStart() {
  const folder = mkdtempSync(join(tmpdir(), 'lattice-bench-'));
  const lattice = (...argv) => [process.execPath, join(root, 'lattice'), '--data-dir', folder, ...argv];
  run(lattice('mesh', 'create', 'bench'));
  run(lattice('put', 'a', '1'));
  const daemon = await startDaemon(lattice('daemon', '--json'));
  try {
    yield* rowsOf({
      nothing: [process.execPath, '-e', '0'],
      ...mapValues(commands, (argv) => lattice(...argv)),
    });
  } finally {
    daemon.kill();
    await once(daemon, 'close');
    rmSync(folder, { recursive: true });
  }
}

function rowsOf(commandLines) {
  const timesMs = mapValues(commandLines, () => []);
  for (let round = 0; round < rounds; round++) {
    for (const [name, commandLine] of Object.entries(commandLines)) {
      const beganMs = performance.now();
      run(commandLine, name === 'an unknown command' ? 2 : 0);
      timesMs[name].push(performance.now() - beganMs);
    }
  }
  const { nothing, ...measured } = timesMs;
  return Object.entries(measured).map(([name, times]) =>
    rowOf({
      name: `one-shot process: ${name}`,
      value: quantile(times, 0.5),
      unit: 'ms',
      limit: quantile(nothing, 0.5),
      target,
      p90: Math.round(quantile(times, 0.9)),
      limitP90: Math.round(quantile(nothing, 0.9)),
    }),
  );
}

/** A command that fails fast is not a fast one. */
function run([program, ...argv], expected = 0) {
  const { status, stderr } = spawnSync(program, argv, { encoding: 'utf8', env: environment() });
  assert.equal(status, expected, `${argv.join(' ')}: ${stderr}`);
}

async function startDaemon([program, ...argv]) {
  const daemon = spawn(program, argv, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  await once(daemon.stdout, 'data');
  return daemon;
}

function environment() {
  return { ...process.env, LATTICE_BIND: '', NO_COLOR: '1' };
}

function quantile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * part)];
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
