/**
 * How long a process that ends without having closed its network waits for the threads to do so. A dial that was given up takes
 * longer, and is not waited for.
 */
const lastWaitMs = 250;

/**
 * The threads of this process that have an endpoint. Whoever ends one while the binding still has something to answer it has the
 * process aborted: so one that exits has them closed first.
 */
class RunningThreads {
  /** And what is 1 once the thread may be ended. */
  readonly #all = new Map<AsyncDisposable, Int32Array>();
  readonly #atExit = () => this.#closeAll();

  add(thread: AsyncDisposable, isOver: Int32Array): void {
    if (this.#all.size === 0) process.on('exit', this.#atExit);
    this.#all.set(thread, isOver);
  }

  delete(thread: AsyncDisposable): void {
    this.#all.delete(thread);
    if (this.#all.size === 0) process.off('exit', this.#atExit);
  }

  /** The threads go on while this one waits. */
  #closeAll(): void {
    for (const thread of this.#all.keys()) void thread[Symbol.asyncDispose]();
    for (const isOver of this.#all.values()) Atomics.wait(isOver, 0, 0, lastWaitMs);
  }
}

export const runningThreads = new RunningThreads();
