import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Outcome, Story } from '@lattice/sim';

export type Told = Pick<Outcome, 'findings' | 'digest'>;

/** Runs stories in a thread beside this one. */
export class Elsewhere implements AsyncDisposable {
  readonly #worker = new Worker(new URL('./worker.js', import.meta.url));

  async run(story: Story): Promise<Told> {
    const told = once(this.#worker, 'message');
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
    this.#worker.postMessage(story);
    const [outcome] = (await told) as [Told];
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
