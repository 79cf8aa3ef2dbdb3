// `npm test`: sets up what is missing, then runs every check and every test, and goes on after a failure.
// `npm test -- kernel` builds, and runs only the tests whose path contains "kernel".
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { nodeVersionProblem } from './lib/node-version.cjs';
import { root } from './lib/repository.mjs';
import { Tally } from './lib/tally.mjs';
import { runTestFile, stopTestFiles } from './lib/test-file.mjs';
import { testFiles } from './lib/test-list.mjs';
import { installPackages } from './setup.mjs';

/** The build comes first: type-aware checks read the declarations that packages have of each other. */
const build = { name: 'build: types', command: 'scripts/build.mjs' };
const checks = [
  {
    name: 'format',
    command: 'node_modules/prettier/bin/prettier.cjs --check . --cache --cache-location=.build/prettier',
  },
  { name: 'lint', command: 'node_modules/oxlint/bin/oxlint --deny-warnings' },
  { name: 'import rules', command: 'scripts/check-imports.mjs' },
  { name: 'house rules', command: 'scripts/check-house.mjs' },
  { name: 'unused code and dependencies', command: 'node_modules/knip/bin/knip.js' },
  { name: 'lock file', command: 'scripts/check-lock.mjs' },
];
const concurrency = Math.min(2, availableParallelism());

async function main(filter) {
  const problem = nodeVersionProblem(process.versions.node) ?? installPackages();
  const tally = new Tally();
  if (problem !== undefined) {
    tally.check('set-up', 0, problem);
    tally.close();
    return 1;
  }
  await runCheck(build, tally);
  if (filter.length === 0) for (const check of checks) await runCheck(check, tally);
  const files = testFiles(filter);
  if (files.length === 0) tally.check('tests', 0, `No test file has ${filter.join(' or ')} in its path.`);
  await runTests(files, tally);
  tally.close();
  return tally.isClean ? 0 : 1;
}

async function runCheck({ name, command }, tally) {
  const beganMs = performance.now();
  const child = spawn(process.execPath, command.split(' '), { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  tally.check(
    name,
    performance.now() - beganMs,
    code === 0 ? undefined : output || `ended with exit status ${code}`,
  );
}

async function runTests(files, tally) {
  const queue = files.values();
  const worker = async () => {
    for (const { source, script } of queue) {
      const beganMs = performance.now();
      const result = await runTestFile(script);
      tally.testFile(source, performance.now() - beganMs, result);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    stopTestFiles();
    process.exit(1);
  });
}
process.exitCode = await main(process.argv.slice(2));
