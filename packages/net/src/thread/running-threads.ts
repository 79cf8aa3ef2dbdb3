import type { Worker } from 'node:worker_threads';
import { threadTimers as timers } from '../system-ports.js';
import { type Request, threadStages } from './messages.js';

/**
 * How long a process that ends waits for the threads to end, and for them to come so far that nothing is answered soon. That takes
 * a tenth of a second, and more on a busy machine.
 */
const lastWaitMs = { over: 250, ending: 5_000 };

/**
 * The threads of this process that have an endpoint, or are about to. Whoever ends one while the binding still has something to
 * answer it has the process aborted: so one that exits has them closed first.
 */
class RunningThreads {
  /** And how far each is. */
  readonly #all = new Map<Worker, Int32Array>();
  readonly #atExit = () => this.#closeAll();

  /** To be called as it is started. */
  add(worker: Worker, stage: Int32Array): void {
    if (this.#all.size === 0) process.on('exit', this.#atExit);
    this.#all.set(worker, stage);
    worker.once('exit', () => this.#delete(worker));
  }

  #delete(worker: Worker): void {
    this.#all.delete(worker);
    if (this.#all.size === 0) process.off('exit', this.#atExit);
  }

  /** The threads go on while this one waits. */
  #closeAll(): void {
    const beganMs = timers.monotonicMs();
    const wait = (stage: Int32Array, whileAt: number, msMax: number) =>
      Atomics.wait(stage, 0, whileAt, Math.max(0, beganMs + msMax - timers.monotonicMs()));
    for (const worker of this.#all.keys()) worker.postMessage({ do: 'close' } satisfies Request, []);
    for (const stage of this.#all.values()) {
      wait(stage, threadStages.serving, lastWaitMs.ending);
      wait(stage, threadStages.ending, lastWaitMs.over);
    }
  }
}

export const runningThreads = new RunningThreads();
