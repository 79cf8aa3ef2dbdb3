import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Each first checks all that was ever acknowledged. `batches`: how many of each lane; absent: until it is killed. */
export type ChildTask =
  | { readonly kind: 'write'; readonly directory: string; readonly batches?: number }
  | { readonly kind: 'check'; readonly directory: string }
  /** Writes on, closes, opens it again and checks it again. */
  | { readonly kind: 'drill'; readonly directory: string };

/** What a child found each time that it had checked. */
export interface ChildReport {
  readonly batches: number;
  /** What the node said was amiss. */
  readonly repairs: readonly string[];
}

export interface ChildEnd {
  readonly reports: readonly ChildReport[];
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A node on disk, without a network, in a process of its own. */
export class NodeProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  /** Resolves when it has checked what there is, or ended. */
  readonly checked: Promise<unknown>;
  readonly ended: Promise<ChildEnd>;
  readonly #reports: ChildReport[] = [];
  #stderr = '';

  static run(task: ChildTask): Promise<ChildEnd> {
    return new NodeProcess(task).ended;
  }

  constructor(task: ChildTask) {
    const script = fileURLToPath(new URL('./child-script.js', import.meta.url));
    this.#process = spawn(process.execPath, [script, JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.stderr?.on('data', (chunk) => (this.#stderr += String(chunk)));
    this.ended = once(this.#process, 'close').then(([code, signal]) => ({
      reports: this.#reports,
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stderr: this.#stderr,
    }));
    this.#process.on('message', (report) => this.#reports.push(report as ChildReport));
    this.checked = Promise.race([once(this.#process, 'message'), this.ended]);
  }

  kill(): Promise<ChildEnd> {
    this.#process.kill('SIGKILL');
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
