import type { Worker } from 'node:worker_threads';
import { threadTimers as timers } from '../system-ports.js';
import type { Request } from './messages.js';

/**
 * How long a process that ends without having closed its network waits for the threads to do so. A dial that was given up takes
 * longer, and is not waited for.
 */
const lastWaitMs = 250;

/**
 * The threads of this process that have an endpoint, or are about to. Whoever ends one while the binding still has something to
 * answer it has the process aborted: so one that exits has them closed first.
 */
class RunningThreads {
  /** And what is 1 once the thread may be ended. */
  readonly #all = new Map<Worker, Int32Array>();
  readonly #atExit = () => this.#closeAll();

  /** To be called as it is started. */
  add(worker: Worker, isOver: Int32Array): void {
    if (this.#all.size === 0) process.on('exit', this.#atExit);
    this.#all.set(worker, isOver);
    worker.once('exit', () => this.#delete(worker));
  }

  #delete(worker: Worker): void {
    this.#all.delete(worker);
    if (this.#all.size === 0) process.off('exit', this.#atExit);
  }

  /** The threads go on while this one waits. */
  #closeAll(): void {
    const untilMs = timers.monotonicMs() + lastWaitMs;
    for (const worker of this.#all.keys()) worker.postMessage({ do: 'close' } satisfies Request, []);
    for (const isOver of this.#all.values())
      Atomics.wait(isOver, 0, 0, Math.max(0, untilMs - timers.monotonicMs()));
  }
}

export const runningThreads = new RunningThreads();
