import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProblems, problemsOf } from '../check-house.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

const source = 'packages/kernel/src/a.ts';
const sourceOfTest = 'packages/kernel/test/a.test.ts';

test('a source of 400 lines passes, one more does not, unless it is generated', () => {
  const lines = (count) => 'a();\n'.repeat(count);
  assert.deepEqual(problemsOf(source, lines(400)), []);
  assert.match(problemsOf(source, lines(401))[0], /401 lines/);
  assert.deepEqual(problemsOf('packages/proto/src/gen/a_pb.ts', lines(401)), []);
  assert.deepEqual(problemsOf(sourceOfTest, lines(401)), []);
});

for (const call of [
  'Date.now()',
  'new Date()',
  'Math.random()',
  'performance.now()',
  'setTimeout(a, 1)',
  'setImmediate(a)',
]) {
  test(`a source is refused ${call}, unless it is the system port`, () => {
    assert.match(
      problemsOf(source, `const a = 1;\n${call};\n`)[0],
      /^packages\/kernel\/src\/a\.ts:2: .*ports/,
    );
    assert.deepEqual(problemsOf('packages/kernel/src/system-ports.ts', `${call};\n`), []);
    assert.deepEqual(problemsOf(source, `// ${call}\n/* ${call}\n * ${call} */\n`), []);
    assert.deepEqual(problemsOf(sourceOfTest, `${call};\n`), []);
  });
}

test('a date of a given moment reads no clock', () => {
  assert.deepEqual(problemsOf(source, 'const text = new Date(ms).toISOString();\n'), []);
});

test('a test that silences the others is refused', () => {
  assert.match(problemsOf(sourceOfTest, "test.only('a', () => undefined);\n")[0], /silence/);
  assert.match(problemsOf(sourceOfTest, "test('a', { only: true }, () => undefined);\n")[0], /silence/);
});

test('no file names places outside of the repository, package registries, issues or sessions', (t) => {
  const folder = temporaryFolder(t, {
    'a.md': ['See ..', 'shared/DESIGN.md\n'].join('/'),
    'b.yaml': ['https:', '', 'registry.example.org/lmdb\n'].join('/'),
    'packages/kernel/src/c.ts': ['// as issue', '12 asks\n'].join(' '),
    'd.mjs': ['// of session ', '3\n'].join('#'),
  });
  const places = findProblems(folder).map((problem) => problem.split(':')[0]);
  assert.deepEqual(places, ['a.md', 'b.yaml', 'd.mjs', 'packages/kernel/src/c.ts']);
});
