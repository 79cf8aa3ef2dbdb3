// Follows what node:test tells of one file, through test-reporter.mjs, in the order of definition.

export class TestLog {
  /** Each as { name, outcome: 'passed' | 'failed' | 'skipped', durationMs, detail }. */
  tests = [];
  #path = [];
  #running;
  #open = 0;
  #sawOne = false;

  add(message) {
    const { kind, name, nesting } = message;
    if (kind === 'enqueue' && nesting === 0) this.#open++;
    if (kind === 'dequeue') this.#running = name;
    if (kind === 'start' || kind === 'end') this.#path.splice(nesting, Infinity, name);
    if (kind !== 'end') return;
    if (nesting === 0) this.#open--;
    this.#sawOne = true;
    // A suite is a heading, not a test, unless it failed by itself: in a hook.
    if (message.isSuite && !message.error && message.skip === undefined) return;
    this.tests.push(testOf(message, this.#path.join(' › ')));
  }

  /** Whether all top-level tests that were announced have ended. */
  get isIdle() {
    return this.#sawOne && this.#open === 0;
  }

  /** Where it was, for a file that never came to its end. */
  get position() {
    return this.#running === undefined ? 'before its first test' : `in or after "${this.#running}"`;
  }

  /** What is wrong with how the process ended, given what its tests told; undefined when all is well. */
  problemAtExit(code, signal) {
    const how = signal === null ? `exit status ${code}` : `signal ${signal}`;
    if (this.#open > 0) return `ended with ${how} ${this.position}`;
    if (!this.#sawOne) return code === 0 ? 'reported no test' : `ended with ${how} ${this.position}`;
    const isExplained = code === 0 || this.tests.some(({ outcome }) => outcome === 'failed');
    return isExplained ? undefined : `ended with ${how}, though no test failed`;
  }
}

function testOf({ skip, error, durationMs }, name) {
  if (error !== undefined) return { name, outcome: 'failed', durationMs, detail: error };
  if (skip === undefined) return { name, outcome: 'passed', durationMs, detail: '' };
  return {
    name,
    outcome: 'skipped',
    durationMs,
    detail: typeof skip === 'string' ? skip : 'no reason given',
  };
}
