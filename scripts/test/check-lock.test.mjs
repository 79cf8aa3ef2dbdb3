import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProblems } from '../check-lock.mjs';
import { platformOf } from '../lib/native-package.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

/** The problems of a complete little lock after `change` was done to it. */
function problemsAfter(t, change) {
  const lock = {
    packages: {
      '': { version: '0.1.0', devDependencies: { tool: '1.0.0' } },
      'packages/model': { version: '0.1.0' },
      'node_modules/@lattice/model': { resolved: 'packages/model', link: true },
      'node_modules/tool': {
        version: '1.0.0',
        dependencies: { part: '^2.0.0' },
        optionalDependencies: { 'tool-linux-x64': '1.0.0' },
      },
      'node_modules/tool/node_modules/part': { version: '2.1.0' },
      'node_modules/tool-linux-x64': { version: '1.0.0', cpu: ['x64'], optional: true, os: ['linux'] },
    },
  };
  change(lock.packages);
  return findProblems(
    temporaryFolder(t, {
      'package-lock.json': lock,
      'package.json': { version: '0.1.0', devDependencies: { tool: '1.0.0' } },
      'packages/model/package.json': { version: '0.1.0' },
    }),
  );
}

test('a complete lock passes', (t) => {
  assert.deepEqual(
    problemsAfter(t, () => undefined),
    [],
  );
});

const damages = [
  {
    what: 'lacks a platform',
    damage: (lock) => delete lock['node_modules/tool-linux-x64'],
    problem: /no entry for tool-linux-x64@1\.0\.0/,
  },
  {
    what: 'lacks a dependency',
    damage: (lock) => delete lock['node_modules/tool/node_modules/part'],
    problem: /its dependency part has no entry/,
  },
  {
    what: 'does not say for which os',
    damage: (lock) => delete lock['node_modules/tool-linux-x64'].os,
    problem: /does not say its os/,
  },
  {
    what: 'does not say for which cpu',
    damage: (lock) => delete lock['node_modules/tool-linux-x64'].cpu,
    problem: /does not say its cpu/,
  },
  {
    what: 'lacks a version',
    damage: (lock) => delete lock['node_modules/tool'].version,
    problem: /has no version/,
  },
  {
    what: 'names a host',
    damage: (lock) => (lock['node_modules/tool'].resolved = 'https://somewhere/tool.tgz'),
    problem: /names the host/,
  },
  {
    what: 'is behind the root',
    damage: (lock) => (lock[''].devDependencies.tool = '0.9.0'),
    problem: /^package\.json: its devDependencies/,
  },
  {
    what: 'is behind a package',
    damage: (lock) => (lock['packages/model'].dependencies = { lmdb: '3.5.6' }),
    problem: /^packages\/model\/package\.json/,
  },
  {
    what: 'has a package that is gone',
    damage: (lock) => (lock['packages/old'] = { version: '0.1.0' }),
    problem: /packages\/old is no package/,
  },
];

for (const { what, damage, problem } of damages) {
  test(`a lock that ${what} is refused`, (t) => {
    const problems = problemsAfter(t, damage);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0], problem);
  });
}

test("a native package's platform is read from its name", () => {
  assert.deepEqual(platformOf('@number0/iroh-linux-arm-gnueabihf'), {
    cpu: ['arm'],
    libc: ['glibc'],
    os: ['linux'],
  });
  assert.deepEqual(platformOf('@oxlint-tsgolint/darwin-arm64'), { cpu: ['arm64'], os: ['darwin'] });
  assert.deepEqual(platformOf('@oxlint/binding-win32-x64-msvc'), { cpu: ['x64'], os: ['win32'] });
  assert.deepEqual(platformOf('@rolldown/binding-wasm32-wasi'), { cpu: ['wasm32'] });
  assert.equal(platformOf('msgpackr-extract'), undefined);
});
