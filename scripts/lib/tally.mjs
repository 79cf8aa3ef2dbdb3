// Prints what passed and failed while it happens, counts it, and says again at the end what failed.

export class Tally {
  #counts = { passed: 0, failed: 0, skipped: 0 };
  #timed = [];
  #failures = [];

  get isClean() {
    return this.#counts.failed === 0;
  }

  /** One check, with its output shown only when it failed. */
  check(name, durationMs, failure) {
    const outcome = failure === undefined ? 'passed' : 'failed';
    this.#counts[outcome]++;
    line(outcome, durationMs, name);
    if (failure === undefined) return;
    block(failure);
    this.#failures.push([name, failure]);
  }

  /** One test file: a line for it, and one for each of its tests that did not simply pass. */
  testFile(source, durationMs, { tests, problem, output }) {
    const failed = tests.filter(({ outcome }) => outcome === 'failed');
    const isWell = failed.length === 0 && problem === undefined;
    line(
      isWell ? 'passed' : 'failed',
      durationMs,
      `${source} (${tests.length} ${tests.length === 1 ? 'test' : 'tests'})`,
    );
    for (const test of tests) {
      this.#counts[test.outcome]++;
      this.#timed.push({ ...test, source });
      if (test.outcome === 'passed') continue;
      line(
        test.outcome,
        test.durationMs,
        test.outcome === 'skipped' ? `${test.name}: ${test.detail}` : test.name,
        '  ',
      );
      if (test.outcome !== 'failed') continue;
      block(test.detail, '    ');
      this.#failures.push([`${source}: ${test.name}`, test.detail]);
    }
    if (problem !== undefined) {
      this.#counts.failed++;
      block(`${source} ${problem}`);
      this.#failures.push([source, problem]);
    }
    if (!isWell && output.trim() !== '') block(`It printed:\n${output}`);
  }

  /** The slowest tests, what failed (its place in a long report is far above), and the line that says how it all went. */
  close() {
    const slowest = this.#timed.sort((a, b) => b.durationMs - a.durationMs).slice(0, 5);
    if (slowest.length > 0) console.log('\nslowest tests');
    for (const { source, name, durationMs } of slowest) line('', durationMs, `${source}: ${name}`);
    if (this.#failures.length > 0) console.log('\nfailed');
    for (const [name, detail] of this.#failures) {
      block(name);
      block(excerpt(detail), '    ');
    }
    const { passed, failed, skipped } = this.#counts;
    console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

/** What fits a summary: the whole is above. */
function excerpt(text) {
  const lines = text.trim().split('\n');
  return lines.length <= 30 ? lines.join('\n') : [...lines.slice(0, 30), '…'].join('\n');
}

function line(outcome, durationMs, text, indent = '') {
  const seconds = `${(durationMs / 1000).toFixed(2)} s`;
  console.log(`${indent}${outcome.padEnd(8)}${seconds.padStart(8)}  ${text}`);
}

function block(text, indent = '  ') {
  console.log(text.trimEnd().replaceAll(/^/gm, indent));
}
