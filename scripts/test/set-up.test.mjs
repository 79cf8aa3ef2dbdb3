import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isBuilt, isInstalled } from '../lib/freshness.cjs';
import { nodeVersionProblem } from '../lib/node-version.cjs';
import { temporaryFolder } from './temporary-folder.mjs';

const longAgo = new Date('2020-01-01');
const later = new Date('2020-01-02');

/** A repository that was installed and built a day after its files were written. */
function freshRepository(t) {
  const before = [
    'package-lock.json',
    'packages/model/package.json',
    'packages/model/tsconfig.json',
    'packages/model/src/sub/a.ts',
  ];
  const after = ['node_modules/.package-lock.json', '.build/built', 'packages/model/dist/.tsbuildinfo'];
  const files = Object.fromEntries([...before, ...after].map((path) => [path, '']));
  const folder = temporaryFolder(t, {
    ...files,
    '.build/built': 'abc',
    '.build/bundles/abc/lattice.mjs': '',
  });
  for (const path of [...before, 'packages/model/src/sub', 'packages/model/src'])
    utimesSync(join(folder, path), longAgo, longAgo);
  for (const path of after) utimesSync(join(folder, path), later, later);
  return folder;
}

test('what was installed and built after the last change is fresh', (t) => {
  const folder = freshRepository(t);
  assert.ok(isInstalled(folder));
  assert.ok(isBuilt(folder));
});

const changes = {
  'a changed source': (folder) => writeFileSync(join(folder, 'packages/model/src/sub/a.ts'), 'a'),
  'a removed source': (folder) => rmSync(join(folder, 'packages/model/src/sub/a.ts')),
  'a changed tsconfig': (folder) => writeFileSync(join(folder, 'packages/model/tsconfig.json'), '{}'),
  'a removed build': (folder) => rmSync(join(folder, 'packages/model/dist'), { recursive: true }),
  'a removed bundle': (folder) => rmSync(join(folder, '.build/bundles'), { recursive: true }),
  'a build that was never bundled': (folder) => {
    writeFileSync(join(folder, '.build/built'), '');
    utimesSync(join(folder, '.build/built'), later, later);
  },
};
for (const [what, change] of Object.entries(changes)) {
  test(`${what} asks for a build`, (t) => {
    const folder = freshRepository(t);
    change(folder);
    assert.ok(!isBuilt(folder));
    assert.ok(isInstalled(folder));
  });
}

test('a changed lock file asks for an installation, one that was only touched does not', (t) => {
  const folder = freshRepository(t);
  writeFileSync(join(folder, 'node_modules/.lattice-installed-lock.json'), 'as installed');
  writeFileSync(join(folder, 'package-lock.json'), 'as installed');
  assert.ok(isInstalled(folder));
  writeFileSync(join(folder, 'package-lock.json'), 'changed');
  assert.ok(!isInstalled(folder));
});

test('an interrupted installation asks for another', (t) => {
  const folder = freshRepository(t);
  rmSync(join(folder, 'node_modules/.package-lock.json'));
  assert.ok(!isInstalled(folder));
});

test('a Node that is too old is told so in one sentence', () => {
  for (const version of ['8.17.0', '18.20.8', '20.18.3'])
    assert.match(nodeVersionProblem(version), /needs Node 20\.19 or newer/);
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '100.0.0'])
    assert.equal(nodeVersionProblem(version), undefined);
});

test(
  'of processes that set up at once, one works at a time, also after one was killed',
  { timeout: 60_000 },
  async (t) => {
    const folder = temporaryFolder(t, { 'trace.txt': '' });
    const lock = join(folder, 'lock');
    // Nobody has this process id: it is past the largest of every system.
    mkdirSync(lock);
    writeFileSync(join(lock, '2147483646'), '');
    const script = `
    import { appendFileSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(new URL('../lib/lock-directory.mjs', import.meta.url).href)};
    const trace = (what) => appendFileSync(${JSON.stringify(join(folder, 'trace.txt'))}, what + process.pid + '\\n');
    withLock(${JSON.stringify(lock)}, () => { trace('in '); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30); trace('out '); });
  `;
    const processes = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(processes.map((child) => once(child, 'exit')));
    assert.deepEqual(
      codes,
      processes.map(() => [0, null]),
    );

    const trace = readFileSync(join(folder, 'trace.txt'), 'utf8').trim().split('\n');
    assert.equal(trace.length, 12);
    for (let i = 0; i < trace.length; i += 2) assert.equal(trace[i].replace('in', 'out'), trace[i + 1]);
    assert.deepEqual(readdirSync(folder), ['trace.txt']);
  },
);
