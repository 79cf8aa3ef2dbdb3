// Prints what passed and failed while it happens, and counts it.

export class Tally {
  #counts = { passed: 0, failed: 0, skipped: 0 };
  #timed = [];

  get isClean() {
    return this.#counts.failed === 0;
  }

  /** One check, with its output shown only when it failed. */
  check(name, durationMs, failure) {
    const outcome = failure === undefined ? 'passed' : 'failed';
    this.#counts[outcome]++;
    line(outcome, durationMs, name);
    if (failure !== undefined) block(failure);
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
      if (test.outcome === 'failed') block(test.detail, '    ');
    }
    if (problem !== undefined) {
      this.#counts.failed++;
      block(`${source} ${problem}`);
    }
    if (!isWell && output.trim() !== '') block(`It printed:\n${output}`);
  }

  /** The slowest tests, and the line that says how it all went. */
  close() {
    const slowest = this.#timed.sort((a, b) => b.durationMs - a.durationMs).slice(0, 5);
    if (slowest.length > 0) console.log('\nslowest tests');
    for (const { source, name, durationMs } of slowest) line('', durationMs, `${source}: ${name}`);
    const { passed, failed, skipped } = this.#counts;
    console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

function line(outcome, durationMs, text, indent = '') {
  const seconds = `${(durationMs / 1000).toFixed(2)} s`;
  console.log(`${indent}${outcome.padEnd(8)}${seconds.padStart(8)}  ${text}`);
}

function block(text, indent = '  ') {
  console.log(text.trimEnd().replaceAll(/^/gm, indent));
}
