// `npm run bench`: how fast it is, each beside the limit of this machine in the same run. A table goes to
// standard error as it grows; standard output gets a JSON document per row, for programs.
//   npm run bench -- start reads   only the benchmarks whose names contain one of these words
//   npm run bench -- --large       stores as large as they are to be: it takes long
//   npm run bench -- --quick       only whether they run: the figures mean nothing
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { benchmarks } from './bench/benchmarks.mjs';
import { buildEverything, installPackages } from './setup.mjs';

const runner = fileURLToPath(new URL('bench/run.mjs', import.meta.url));
const benchmarkNames = Object.keys(benchmarks);
const options = ['--quick', '--large'];

function main(argv) {
  const unknown = argv.find((word) => word.startsWith('-') && !options.includes(word));
  if (unknown !== undefined) return fail(`There is no option ${unknown}: use ${options.join(' or ')}.`, 2);
  const words = argv.filter((word) => !word.startsWith('-'));
  const chosen = benchmarkNames.filter(
    (name) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (chosen.length === 0)
    return fail(
      `No benchmark has ${words.join(' or ')} in its name: there are ${benchmarkNames.join(', ')}.`,
      2,
    );
  const problem = installPackages() ?? buildEverything();
  if (problem !== undefined) return fail(problem, 1);

  if (argv.includes('--quick')) return run('quick', chosen);
  const size = argv.includes('--large') ? 'large' : 'usual';
  // A process for each, so that none is measured with what another left in memory.
  return Math.max(...chosen.map((name) => run(size, [name])));
}

function run(size, names) {
  const argv = ['--expose-gc', runner, size, ...names];
  return spawnSync(process.execPath, argv, { stdio: 'inherit' }).status ?? 1;
}

function fail(problem, status) {
  console.error(problem);
  return status;
}

process.exitCode = main(process.argv.slice(2));
