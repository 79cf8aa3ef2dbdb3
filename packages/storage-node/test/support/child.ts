import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a child process is told to do: see child-script.ts. */
export type ChildTask =
  | { readonly kind: 'fill-kv'; readonly path: string; readonly bootId: string; readonly keys: number }
  | { readonly kind: 'use-kv'; readonly path: string; readonly bootId: string }
  | {
      readonly kind: 'keep-checkpoints';
      readonly path: string;
      readonly uuid: string;
      readonly bootId: string;
    }
  | { readonly kind: 'append-log'; readonly path: string }
  | { readonly kind: 'lock'; readonly directory: string; readonly socketPath: string };

/** How a child ended: with what it reported, or by which signal it was killed. */
export interface ChildEnd {
  readonly reports: readonly unknown[];
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs a task in a process of its own, which may crash. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #reports: unknown[] = [];
  readonly #ended: Promise<ChildEnd>;
  #stderr = '';

  constructor(task: ChildTask) {
    const script = fileURLToPath(new URL('./child-script.js', import.meta.url));
    const child = spawn(process.execPath, [script, JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process = child;
    child.stderr?.on('data', (chunk) => (this.#stderr += String(chunk)));
    child.on('message', (report) => this.#reports.push(report));
    this.#ended = once(child, 'close').then(([, signal]) => ({
      reports: this.#reports,
      signal: signal as NodeJS.Signals | null,
      stderr: this.#stderr,
    }));
  }

  static run(task: ChildTask): Promise<ChildEnd> {
    return new Child(task).#ended;
  }

  /** Resolves when it has reported so often. */
  async reported(count: number): Promise<readonly unknown[]> {
    while (this.#reports.length < count) {
      const ended = this.#ended.then(({ stderr }) => {
        throw new Error(`the child ended before it had reported ${count} times: ${stderr}`);
      });
      await Promise.race([once(this.#process, 'message'), ended]);
    }
    return this.#reports;
  }

  async kill(): Promise<ChildEnd> {
    this.#process.kill('SIGKILL');
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
