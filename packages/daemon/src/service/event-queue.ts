import { equalBytes } from '@lattice/model';
import type { NodeEvent } from '@lattice/node';

const queuedMax = 1_024;

interface Taken {
  readonly event: NodeEvent;
  /** Events dropped before this one, since the reader was too slow. */
  readonly missed: number;
}

/**
 * What one subscriber has not read yet. Bounded, since a subscriber may stop reading: changes of one store that follow
 * each other become one, and past the bound the oldest events go.
 */
export class EventQueue implements AsyncIterable<Taken> {
  #queued: NodeEvent[] = [];
  #missed = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  push(event: NodeEvent): void {
    if (this.#ended) return;
    const last = this.#queued.at(-1);
    const merged = last === undefined ? undefined : merge(last, event);
    if (merged !== undefined) this.#queued[this.#queued.length - 1] = merged;
    else this.#queued.push(event);
    if (this.#queued.length > queuedMax) {
      this.#queued.shift();
      this.#missed++;
    }
    this.#wake();
  }

  /** What is queued is dropped, and readers end. */
  end(): void {
    this.#ended = true;
    this.#queued = [];
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Taken> {
    while (!this.#ended) {
      const event = this.#queued.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const missed = this.#missed;
      this.#missed = 0;
      yield { event, missed };
    }
  }
}

function merge(last: NodeEvent, event: NodeEvent): NodeEvent | undefined {
  if (last.kind !== 'store-changed' || event.kind !== 'store-changed') return undefined;
  return equalBytes(last.store, event.store)
    ? { ...event, entries: last.entries + event.entries }
    : undefined;
}
