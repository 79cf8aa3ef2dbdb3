import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import assert from 'node:assert/strict';

const prompt = /lattice:[a-z0-9-]+> $/;
const answerMaxMs = 60_000;

/** A terminal in which somebody types: a real pseudo-terminal, by util-linux's `script`. */
export class Terminal {
  readonly #child: ChildProcess;
  #screen = '';

  constructor(context: TestContext, command: string, options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const env = { ...options.env, TERM: 'dumb', COLUMNS: '400' };
    this.#child = spawn('script', ['-qfec', command, '/dev/null'], { ...options, env, stdio: 'pipe' });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#screen += chunk.toString()));
    context.after(async () => {
      const closed = once(this.#child, 'close');
      if (this.#child.kill('SIGTERM')) await closed;
    });
  }

  /** The text of the prompt, once there is one. */
  async prompt(): Promise<string> {
    const deadlineMs = performance.now() + answerMaxMs;
    while (!prompt.test(this.#text())) {
      assert.equal(this.#child.exitCode, null, `the shell ended:\n${this.#text()}`);
      assert(performance.now() < deadlineMs, `there was no prompt:\n${this.#text()}`);
      await pause(10);
    }
    return this.#text().split('\n').at(-1) ?? '';
  }

  /** Types a line, and returns what was printed before the next prompt. */
  async enter(line: string): Promise<string> {
    await this.prompt();
    this.#screen = '';
    this.#child.stdin?.write(`${line}\n`);
    await pause(0);
    await this.prompt();
    const lines = this.#text().split('\n');
    return lines.slice(1, -1).join('\n').trim();
  }

  /** What is on the screen without the terminal's own language. */
  #text(): string {
    // oxlint-disable-next-line no-control-regex -- control sequences begin with the escape character
    return this.#screen.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '');
  }
}
