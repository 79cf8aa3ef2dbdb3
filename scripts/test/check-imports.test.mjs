import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProblems } from '../check-imports.mjs';
import { importsOf } from '../lib/imports.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

/** The problems of a repository with one package of this name, dependencies and files. */
function problemsWith(t, name, dependencies, files) {
  const references = dependencies
    .filter((dependency) => dependency.startsWith('@lattice/'))
    .map((dependency) => ({ path: dependency.replace('@lattice/', '../') }));
  const inPackage = {
    'package.json': {
      dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '0.1.0'])),
    },
    'tsconfig.json': { references },
    ...files,
  };
  const entries = Object.entries(inPackage).map(([path, content]) => [`packages/${name}/${path}`, content]);
  return findProblems(temporaryFolder(t, Object.fromEntries(entries)));
}

test('what a row allows and the package declares passes', (t) => {
  const files = {
    'src/index.ts': `import { open } from 'lmdb';\nimport type { Hash } from '@lattice/model';\nexport * from './log.js';\n`,
    'src/log.ts': `import { open } from 'node:fs/promises';\n`,
    'test/log.test.ts': `import fc from 'fast-check';\nimport { helper } from './helper.js';\nimport '@lattice/testkit';\n`,
  };
  assert.deepEqual(problemsWith(t, 'storage-node', ['@lattice/model', 'lmdb'], files), []);
});

const computed = /write what is imported as a literal/;
const refused = [
  [
    'a package outside of the row',
    'kvstore',
    `import { Node } from '@lattice/node';`,
    /kvstore may not import @lattice\/node/,
  ],
  [
    'a type of a package outside of the row',
    'model',
    `import type { A } from '@lattice/proto';`,
    /may not import @lattice\/proto/,
  ],
  ['a re-export of one', 'model', `export { A } from '@lattice/proto';`, /may not import @lattice\/proto/],
  [
    'an import() of one',
    'model',
    `const a = await import('@lattice/proto');`,
    /may not import @lattice\/proto/,
  ],
  [
    'a third-party package that is not declared',
    'crypto',
    `import x from 'left-pad';`,
    /left-pad is not among the dependencies/,
  ],
  [
    'a Node module where the row has none',
    'kernel',
    `import { readFileSync } from 'node:fs';`,
    /may not import Node's modules/,
  ],
  [
    'the same without its prefix',
    'kernel',
    `import { readFileSync } from 'fs';`,
    /may not import Node's modules/,
  ],
  [
    'a path that leaves the package',
    'kernel',
    `import { a } from '../../model/src/a.js';`,
    /leads out of packages\/kernel\/src/,
  ],
  [
    'a worker that leaves the package',
    'kernel',
    `new Worker(new URL('../../a.js', import.meta.url));`,
    /leads out of/,
  ],
  ['an import() of something computed', 'kernel', `const a = await import(name);`, computed],
  ['a file beside it without ./', 'kernel', `new Worker(new URL('a.js', import.meta.url));`, computed],
];

for (const [what, name, source, problem] of refused) {
  test(`a source is refused ${what}`, (t) => {
    const problems = problemsWith(t, name, [], { 'src/index.ts': `\n${source}\n` });
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0], problem);
    assert.match(problems[0], /^packages\/[a-z]+\/src\/index\.ts:2: /);
  });
}

test('a test is refused third-party packages and files outside of its folder', (t) => {
  const files = { 'test/a.test.ts': `import 'lmdb';\nimport '../src/index.js';\n` };
  assert.equal(problemsWith(t, 'kernel', [], files).length, 2);
});

test("a test may use another package's test support, and nothing else of it", (t) => {
  const files = {
    'test/deep/a.test.ts': `import '../../../net/test/support/iroh.js';\nimport '../../../net/test/frames.test.js';\n`,
  };
  const problems = problemsWith(t, 'kernel', [], files);
  assert.equal(problems.length, 1, problems.join('\n'));
  assert.match(problems[0], /frames\.test\.js leads out of packages\/kernel\/test/);
});

test('a manifest is refused dependencies outside of the row, and a tsconfig that differs from it', (t) => {
  const files = { 'tsconfig.json': { references: [{ path: '../crypto' }] } };
  const problems = problemsWith(t, 'kvstore', ['@lattice/model', '@lattice/node'], files);
  assert.deepEqual(problems, [
    'packages/kvstore/package.json: may not depend on @lattice/node',
    'packages/kvstore/tsconfig.json: lacks the reference ../model',
    'packages/kvstore/tsconfig.json: lacks the reference ../node',
    'packages/kvstore/tsconfig.json: refers to ../crypto, no dependency',
  ]);
});

test('packages that depend on each other in a circle are refused', (t) => {
  const depends = (on) => ({ dependencies: { [`@lattice/${on}`]: '0.1.0' } });
  const problems = findProblems(
    temporaryFolder(t, {
      'packages/model/package.json': depends('proto'),
      'packages/model/tsconfig.json': { references: [{ path: '../proto' }] },
      'packages/proto/package.json': depends('model'),
      'packages/proto/tsconfig.json': { references: [{ path: '../model' }] },
    }),
  );
  assert.ok(
    problems.some((problem) => problem.endsWith('model -> proto -> model')),
    problems.join('\n'),
  );
});

test('a package without a row is refused', (t) => {
  assert.match(problemsWith(t, 'surprise', [], {})[0], /has no row/);
});

test('imports are found across lines and in every form', () => {
  const source = [
    `import { a,\n  type B } from 'one';`,
    `import * as two from "two";`,
    `export type { C } from 'three';`,
    `export * as four from 'four';`,
    `type D = import('five').D;`,
    `const worker = new URL('./worker.js', import.meta.url);`,
    `// said of "six", from 'six'`,
    `export const from = 'seven';`,
  ];
  const targets = importsOf(source.join('\n')).map(({ target }) => target);
  assert.deepEqual(targets, ['one', 'two', 'three', 'four', 'five', './worker.js']);
});
