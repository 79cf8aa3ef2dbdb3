import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { VirtualScreen } from '../../virtual-screen.js';

const answerMaxMs = 60_000;

/** A pseudo-terminal (util-linux's `script`) that shows what a person would see, and takes any key. */
export class LiveTerminal {
  /** As wide as what a program takes for granted where the terminal does not know. */
  readonly screen = new VirtualScreen(80);
  readonly #child: ChildProcess;
  #onChange: () => void = () => undefined;

  constructor(context: TestContext, command: string, options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const env = { ...options.env, TERM: 'xterm' };
    this.#child = spawn('script', ['-qfec', command, '/dev/null'], { ...options, env, stdio: 'pipe' });
    this.#child.stdout?.setEncoding('utf8');
    this.#child.stdout?.on('data', (text: string) => {
      this.screen.write(text);
      this.#onChange();
    });
    this.#child.once('close', () => this.#onChange());
    context.after(() => this.close());
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Resolves when the last rows are these, from their beginnings on. */
  async shows(...rows: readonly (string | RegExp)[]): Promise<void> {
    const isShown = () => {
      const last = this.screen.rows.slice(-rows.length);
      return rows.every((row, i) => (typeof row === 'string' ? last[i] === row : row.test(last[i] ?? '')));
    };
    const screen = () => `not there: ${rows.join(' | ')}\n${this.screen.rows.join('\n')}`;
    const signal = AbortSignal.timeout(answerMaxMs);
    signal.addEventListener('abort', () => this.#onChange(), { once: true });
    while (!isShown()) {
      assert.equal(this.#child.exitCode, null, screen());
      assert(!signal.aborted, screen());
      await new Promise<void>((resolve) => (this.#onChange = resolve));
    }
  }

  /** Resolves with the exit status of the program. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    return this.#child.exitCode;
  }

  /** The window is closed. */
  async close(): Promise<void> {
    const closed = once(this.#child, 'close');
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await closed;
  }
}
