// The tools are other people's; that our configuration makes them refuse what the house forbids is ours to
// show.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/repository.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

const configuration = ['.oxlintrc.json', '.prettierrc.json', 'knip.json', 'types', 'package.json'];
const projects = ['tsconfig.base.json', 'tsconfig.node.json', 'tsconfig.platform-free.json'];

/** A repository with our configuration and one package, `model`, of these sources. */
function repository(t, sources, project = 'tsconfig.platform-free.json') {
  const inPackage = {
    'package.json': { name: '@lattice/model', type: 'module', exports: './dist/index.js' },
    'tsconfig.json': { extends: `../../${project}` },
    ...sources,
  };
  const files = Object.entries(inPackage).map(([path, content]) => [`packages/model/${path}`, content]);
  const folder = temporaryFolder(t, Object.fromEntries(files));
  for (const name of [...configuration, ...projects])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function run(folder, tool, ...options) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', tool), ...options],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  return { status, output: stdout + stderr };
}

function assertRefused({ status, output }, reason) {
  assert.match(output, reason);
  assert.notEqual(status, 0);
}

test('prettier refuses another format', (t) => {
  const folder = repository(t, { 'src/index.ts': 'export const a = "b"\n' });
  assertRefused(run(folder, 'prettier/bin/prettier.cjs', '--check', 'packages/model/src'), /index\.ts/);
});

test('oxlint refuses what the house forbids, some of it known only to who knows the types', (t) => {
  const sources = {
    'no-floating-promises': 'async function f() {}\nexport function g() { f(); }\n',
    'no-misused-promises': 'export function g(a: string[]) { a.forEach(async () => {}); }\n',
    'switch-exhaustiveness-check': `export function g(a: 'b' | 'c') { switch (a) { case 'b': return 1; } return 2; }\n`,
    'no-explicit-any': 'export function g(a: any) { return a as string; }\n',
    'no-non-null-assertion': 'export function g(a?: string) { return a!; }\n',
    'no-default-export': 'export default function g() {}\n',
    'consistent-type-imports': `import { A } from './other.js';\nexport type B = A;\n`,
    'no-cycle': `import { a } from './other.js';\nexport const b = () => a;\n`,
  };
  const other = `import { b } from './no-cycle.js';\nexport const a = () => b;\nexport type A = string;\n`;
  const files = Object.entries(sources).map(([rule, source]) => [`src/${rule}.ts`, source]);
  const folder = repository(t, { ...Object.fromEntries(files), 'src/other.ts': other });
  const result = run(folder, 'oxlint/bin/oxlint', '--deny-warnings', '--format=unix');
  for (const rule of Object.keys(sources)) assertRefused(result, new RegExp(`/${rule}\\.ts:.*\\(${rule}\\)`));
});

test('the compiler refuses unchecked indexes and, in a package that runs anywhere, the globals of a platform', (t) => {
  const sources = {
    'src/index.ts': 'export const a = (b: string[]): string => b[0];\nexport const c = () => setTimeout;\n',
  };
  const platformFree = run(repository(t, sources), 'typescript/bin/tsc', '-b', 'packages/model');
  assertRefused(platformFree, /'string \| undefined' is not assignable/);
  assertRefused(platformFree, /Cannot find name 'setTimeout'/);
  const onNode = run(
    repository(t, sources, 'tsconfig.node.json'),
    'typescript/bin/tsc',
    '-b',
    'packages/model',
  );
  assert.doesNotMatch(onNode.output, /setTimeout/);
});

test('knip refuses unused files, exports and dependencies', (t) => {
  const folder = repository(t, {
    'package.json': {
      name: '@lattice/model',
      type: 'module',
      exports: './dist/index.js',
      dependencies: { 'hash-wasm': '4.12.0' },
    },
    'src/index.ts': `export const usedByNobody = 1;\n`,
    'src/forgotten.ts': 'export const a = 1;\n',
  });
  const result = run(folder, 'knip/bin/knip.js', '--no-progress');
  for (const found of [/usedByNobody/, /forgotten\.ts/, /hash-wasm/]) assertRefused(result, found);
});
