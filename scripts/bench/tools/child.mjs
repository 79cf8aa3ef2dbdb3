// A process that does what it is asked, one thing after another: for what is to be measured between two processes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** Of what it said on standard error: enough for a message, with its stack. */
const toldMax = 4_000;

/** `file` calls `answer` below. */
export class Child {
  #name;
  #process;
  #gone;
  #told = '';

  /** `loaded`: modules that each of its threads loads first. */
  constructor(name, file, loaded = []) {
    this.#name = name;
    const execArgv = [...process.execArgv, ...loaded.flatMap((module) => ['--import', module])];
    // Standard output is for rows alone.
    this.#process = fork(file, { execArgv, stdio: ['ignore', 2, 'pipe', 'ipc'], serialization: 'advanced' });
    this.#process.stderr.on('data', (text) => (this.#told = `${this.#told}${text}`.slice(-toldMax)));
    this.#gone = once(this.#process, 'close');
  }

  /** What that task of the file's returns. Rejects when it fails, when the process ends, and when it takes too long. */
  async ask(task, input = {}, withinMs = 30_000) {
    const cancelled = new AbortController();
    const { signal } = cancelled;
    const said = (what) => new Error(`${this.#name}, asked to ${task}: ${what}\n${this.#told}`);
    const ended = this.#gone.then(([status, by]) => {
      throw said(`its process ended (${by ?? status})`);
    });
    const late = setTimeout(withinMs, undefined, { signal }).then(() => {
      throw said(`there was no answer within ${withinMs / 1000} s`);
    });
    const answered = once(this.#process, 'message', { signal });
    try {
      // Where the process has ended, that is what is told.
      this.#process.send({ task, input }, () => undefined);
      const [{ failure, output }] = await Promise.race([answered, ended, late]);
      if (failure !== undefined) throw said(failure);
      return output;
    } finally {
      cancelled.abort();
    }
  }

  async end() {
    this.#process.kill('SIGKILL');
    await this.#gone;
  }
}

/** In the process itself: these are the tasks, by name. It ends with the one that started it. */
export function answer(tasks) {
  process.on('message', async ({ task, input }) => {
    try {
      process.send({ output: await tasks[task](input) });
    } catch (error) {
      process.send({ failure: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
}
