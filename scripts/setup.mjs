// Installs and builds what is missing or out of date, with nothing but Node and npm there. Each function
// returns undefined, or a problem that a person can act on.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBuilt, isInstalled, stampOfBuild, stampOfInstall } from './lib/freshness.cjs';
import { withLock } from './lib/lock-directory.mjs';
import { packageNames, root } from './lib/repository.mjs';

/**
 * What ./lattice needs: the packages, without their tests. Says on standard error what it does, if there is
 * anything to do.
 */
export function setUp() {
  return alone(() => installIfStale() ?? (isBuilt() ? undefined : buildPackages()));
}

export function installPackages() {
  return isInstalled() ? undefined : alone(installIfStale);
}

/** Packages and tests. The compiler itself finds out what is stale. */
export function buildEverything() {
  return alone(() => {
    markAsModules(join(root, '.build/tests'));
    return compile([]);
  });
}

/** Processes that start at once must not install over each other: one works, the others find it done. */
function alone(task) {
  mkdirSync(join(root, '.build'), { recursive: true });
  return withLock(join(root, '.build/setup.lock'), task, (pid) =>
    say(`Waiting for another set-up (process ${pid}) ...`),
  );
}

function installIfStale() {
  if (isInstalled()) return undefined;
  say('Installing packages (once, under a minute) ...');
  // Without install scripts: every native package here ships its binaries.
  const quietly = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error', '--fetch-retries=1'];
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', ...quietly], {
    cwd: root,
    encoding: 'utf8',
    // npm is a script there.
    shell: process.platform === 'win32',
  });
  if (npm.error?.code === 'ENOENT')
    return 'npm was not found: install it (it comes with Node) and run this again.';
  if (npm.status !== 0) return installProblem(npm.error?.message ?? npm.stdout + npm.stderr);
  copyFileSync(join(root, 'package-lock.json'), stampOfInstall());
  return undefined;
}

function installProblem(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT/.test(output)) {
    return "The packages could not be fetched, since npm's registry cannot be reached: connect to the Internet once and run this again.";
  }
  const log = join(root, '.build/install.log');
  writeFileSync(log, output);
  return `The packages could not be installed: see ${log}, mend what it says, and run this again.`;
}

function buildPackages() {
  say('Building ...');
  return compile(packageNames().map((name) => `packages/${name}`));
}

/** Without a project it builds what the root's tsconfig.json names: everything. */
function compile(projects) {
  const begun = join(root, '.build/begun');
  writeFileSync(begun, '');
  const { mtime } = statSync(begun);
  const tsc = runNode('node_modules/typescript/bin/tsc', '-b', ...projects);
  if (tsc.status !== 0)
    return `${tsc.stdout}${tsc.stderr}The build failed: mend what the compiler says above.`;
  const bundle = runNode('scripts/bundle.mjs');
  if (bundle.status !== 0) return `${bundle.stderr}The build failed: mend what the bundler says above.`;
  // Whoever starts meanwhile sees this build or the one before it, whole.
  writeFileSync(begun, bundle.stdout);
  utimesSync(begun, mtime, mtime);
  renameSync(begun, stampOfBuild());
  return undefined;
}

function runNode(script, ...options) {
  return spawnSync(process.execPath, [script, ...options], { cwd: root, encoding: 'utf8' });
}

/** Compiled tests are ES modules, but the package.json next above them, the root's, says CommonJS. */
function markAsModules(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
}

function say(message) {
  process.stderr.write(`${message}\n`);
}
