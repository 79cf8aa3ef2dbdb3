import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Tally } from '../lib/tally.mjs';
import { runTestFile } from '../lib/test-file.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

const limits = { timeoutMs: 20_000, lingerMs: 500 };

/** What the runner makes of a test file with this source. */
function run(t, source, change = {}) {
  const file = `import { test, describe } from 'node:test';\n${source}`;
  return runTestFile(join(temporaryFolder(t, { 'a.test.mjs': file }), 'a.test.mjs'), {
    ...limits,
    ...change,
  });
}

function outcomes({ tests }) {
  return tests.map(({ name, outcome }) => `${outcome} ${name}`);
}

test('tests are counted once each, suites not, and named by their path', async (t) => {
  const result = await run(
    t,
    `test('a', () => {});
     describe('b', () => { test('c', () => {}); test('d', { skip: 'needs e' }, () => {}); });`,
  );
  assert.deepEqual(outcomes(result), ['passed a', 'passed b › c', 'skipped b › d']);
  assert.equal(result.tests[2].detail, 'needs e');
  assert.equal(result.problem, undefined);
});

test('a failure comes with what was thrown, and what the file printed', async (t) => {
  const result = await run(
    t,
    `console.log('on the way'); test('a', () => { throw new Error('the reason'); });`,
  );
  assert.deepEqual(outcomes(result), ['failed a']);
  assert.match(result.tests[0].detail, /Error: the reason\n\s+at .*a\.test\.mjs/);
  assert.match(result.output, /on the way/);
  assert.equal(result.problem, undefined);
});

test('a suite that fails in a hook is a failure', async (t) => {
  const result = await run(
    t,
    `import { before } from 'node:test';
     describe('a', () => { before(() => { throw new Error('in the hook'); }); test('b', () => {}); });`,
  );
  assert.ok(outcomes(result).includes('failed a'), outcomes(result).join());
});

const problems = [
  {
    what: 'leaves a timer open',
    source: `test('a', () => { setInterval(() => {}, 1000); });`,
    problem: /did not exit within 0\.5 s/,
  },
  { what: 'has no tests', source: '', problem: /reported no test/ },
  {
    what: 'leaves a process behind that is out of reach',
    source: `import { spawn } from 'node:child_process';
      test('a', () => {
        const options = { detached: true, stdio: 'inherit' };
        spawn(process.execPath, ['-e', 'setTimeout(() => {}, 3000)'], options).unref();
      });`,
    problem: /left a process behind/,
  },
  {
    what: 'throws before its first test',
    source: `throw new Error('early');`,
    problem: /exit status 1 before its first test/,
  },
  {
    what: 'ends its process',
    source: `test('a', async () => { await new Promise((resolve) => setTimeout(resolve, 100)); process.exit(0); });`,
    problem: /ended with exit status 0 in or after "a"/,
  },
  {
    what: 'dies',
    source: `test('a', async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); });`,
    problem: /signal SIGKILL/,
  },
  {
    what: 'hangs',
    source: `test('a', () => new Promise(() => { setInterval(() => {}, 1000); }));`,
    problem: /took more than 1\.5 s/,
    change: { timeoutMs: 1500 },
  },
];
for (const { what, source, problem, change } of problems) {
  test(`a file that ${what} is a failure`, async (t) => {
    assert.match((await run(t, source, change)).problem, problem);
  });
}

const noProcessGroups = process.platform === 'win32' && 'needs process groups, which Windows has not';

test('processes that a file started end with it', { skip: noProcessGroups, timeout: 10_000 }, async (t) => {
  const result = await run(
    t,
    `import { spawn } from 'node:child_process';
     test('a', () => { spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).unref(); });`,
  );
  // That this is reached shows it: the output that both share ends only when both have.
  assert.deepEqual(outcomes(result), ['passed a']);
});

test('the last line counts everything', (t) => {
  const lines = [];
  t.mock.method(console, 'log', (line) => lines.push(line));
  const tally = new Tally();
  tally.check('format', 10, undefined);
  tally.testFile('a.test.ts', 10, {
    tests: [{ name: 'a', outcome: 'passed', durationMs: 1, detail: '' }],
    output: '',
  });
  tally.close();
  assert.equal(lines.at(-1).trim(), '2 passed, 0 failed');
  assert.ok(tally.isClean);

  tally.check('lint', 10, 'no floating promises');
  tally.testFile('b.test.ts', 10, {
    tests: [{ name: 'b', outcome: 'skipped', durationMs: 1, detail: 'why' }],
    output: '',
    problem: 'hangs',
  });
  tally.close();
  assert.equal(lines.at(-1).trim(), '2 passed, 2 failed, 1 skipped');
  assert.ok(!tally.isClean);
});

test('what failed is said again above the last line', (t) => {
  const lines = [];
  t.mock.method(console, 'log', (line) => lines.push(line));
  const tally = new Tally();
  tally.check('lint', 10, 'no floating promises');
  const threw = `Error: the reason\n${'    at somewhere\n'.repeat(100)}`;
  tally.testFile('a.test.ts', 10, {
    tests: [{ name: 'b', outcome: 'failed', durationMs: 1, detail: threw }],
    output: '',
    problem: 'hangs',
  });
  const reportedUntil = lines.length;
  tally.close();
  const summary = lines.slice(reportedUntil).join('\n');
  assert.match(summary, /failed\n.*lint\n.*no floating promises\n.*a\.test\.ts: b\n.*the reason\n/);
  assert.match(summary, /…\n.*a\.test\.ts\n.*hangs\n\n0 passed, 3 failed$/);
  assert.ok(summary.split('\n').length < 50, 'a summary, not all of it');
});
