import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { commands, History, historyFileIn } from '@lattice/cli/testing';
import { array, constantFrom, property, assert as holds } from 'fast-check';

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lattice-history-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function historyIn(dataDir: string, problems: string[] = []): History {
  return new History({
    file: historyFileIn(dataDir),
    commands,
    onFailure: (problem) => problems.push(problem),
  });
}

test('lines come back in the next run, the newest first, each of several lines as one', (context) => {
  const dataDir = folder(context);
  const first = historyIn(dataDir);
  for (const line of ['list', 'put a "x\ny"', String.raw`put b "\n\\n"`, 'get a ']) first.add(line);
  const expected = ['get a', String.raw`put b "\n\\n"`, 'put a "x\ny"', 'list'];
  assert.deepEqual(first.entries, expected);
  assert.deepEqual(historyIn(dataDir).entries, expected);
  assert.equal(statSync(join(dataDir, 'shell-history')).mode & 0o777, 0o600);
});

test('any text survives', (context) => {
  const character = constantFrom('a', '\\', 'n', '\n', '"', ' ', 'é', '\t');
  holds(
    property(array(character, { minLength: 1, maxLength: 20 }), (characters) => {
      const dataDir = folder(context);
      const line = `x${characters.join('')}x`;
      historyIn(dataDir).add(line);
      assert.deepEqual(historyIn(dataDir).entries, [line]);
    }),
    { numRuns: 50 },
  );
});

test('what repeats the last line, begins with a space or has a secret in it leaves no trace', (context) => {
  const dataDir = folder(context);
  const history = historyIn(dataDir);
  const secrets = [
    'mesh join lattice1abcdefgh',
    'mesh join anything',
    '--json mesh join anything',
    'mehs join lattice1abcdefgh',
    'mesh join "anything',
  ];
  for (const line of ['list', 'list', ' get a', '\tget a', '', '  ', ...secrets, 'mesh join', 'list'])
    history.add(line);
  assert.deepEqual(history.entries, ['list', 'mesh join', 'list']);
  assert.equal(readFileSync(join(dataDir, 'shell-history'), 'utf8'), 'list\nmesh join\nlist\n');
});

test('two shells add to each other’s lines', (context) => {
  const dataDir = folder(context);
  const [one, other] = [historyIn(dataDir), historyIn(dataDir)];
  for (let i = 0; i < 10; i++) {
    one.add(`get one-${i}`);
    other.add(`get other-${i}`);
  }
  assert.equal(historyIn(dataDir).entries.length, 20);
});

test('it stays bounded, and another shell goes on with the file that took its place', (context) => {
  const dataDir = folder(context);
  const path = join(dataDir, 'shell-history');
  writeFileSync(path, Array.from({ length: 2_500 }, (_, i) => `get ${i}\n`).join(''), { mode: 0o600 });
  const running = historyFileIn(dataDir);
  const { entries } = historyIn(dataDir);
  assert.deepEqual([entries.length, entries[0], entries.at(-1)], [1_000, 'get 2499', 'get 1500']);
  assert.equal(readFileSync(path, 'utf8').split('\n').length, 1_001);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  running.append('later');
  assert.equal(historyIn(dataDir).entries[0], 'later');
  assert.deepEqual(readdirSync(dataDir), ['shell-history']);

  const long = historyIn(dataDir);
  for (let i = 0; i < 1_100; i++) long.add(`list ${i}`);
  assert.equal(long.entries.length, 1_000);
  long.add('x'.repeat(20_000));
  assert.equal(long.entries[0], 'list 1099');
});

test('a file that somebody else wrote is read for what is text in it', (context) => {
  const dataDir = folder(context);
  const path = join(dataDir, 'shell-history');
  const bytes = Buffer.from('get a\n\xff\xfe\n\n\u001b[2Jevil\nget b\nnot finished', 'latin1');
  writeFileSync(path, bytes, { mode: 0o644 });
  assert.deepEqual(historyIn(dataDir).entries, ['not finished', 'get b', 'get a']);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  writeFileSync(path, `${'x'.repeat(3 * 1024 * 1024)}\nget c\n`);
  assert.deepEqual(historyIn(dataDir).entries, ['get c']);
  assert.equal(readFileSync(path, 'utf8'), 'get c\n');
});

test('a directory that cannot be written to is said once, and lines are kept for this run', (context) => {
  const dataDir = folder(context);
  const problems: string[] = [];
  const history = historyIn(join(dataDir, 'not-there'), problems);
  history.add('list');
  history.add('get a');
  assert.deepEqual(history.entries, ['get a', 'list']);
  assert.deepEqual(problems, ['ENOENT']);
  mkdirSync(join(dataDir, 'shell-history'));
  chmodSync(dataDir, 0o700);
  assert.deepEqual(historyIn(dataDir).entries, []);
});

test('a last line that a crash cut off does not swallow the next', (context) => {
  const dataDir = folder(context);
  appendFileSync(join(dataDir, 'shell-history'), 'get a\nget b', { mode: 0o600 });
  historyIn(dataDir).add('get c');
  assert.deepEqual(historyIn(dataDir).entries, ['get c', 'get b', 'get a']);
});
