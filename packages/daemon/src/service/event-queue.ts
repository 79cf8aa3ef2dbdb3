import { equalBytes, type StoreId } from '@lattice/model';
import type { NodeEvent } from '@lattice/node';

const queuedMax = 1_024;
/** Named in an event; the others are counted. */
const conflictKeysMax = 8;

interface Taken {
  readonly event: NodeEvent;
  /** Events dropped before this one, since the reader was too slow. */
  readonly missed: number;
}

/**
 * What one subscriber has not read yet. Bounded, since a subscriber may stop reading: changes and conflicts of one store that
 * follow each other become one of each, and past the bound the oldest events go.
 */
export class EventQueue implements AsyncIterable<Taken> {
  #queued: NodeEvent[] = [];
  #missed = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  push(event: NodeEvent): void {
    if (this.#ended) return;
    if (!this.#mergeIntoLast(event)) this.#queued.push(event);
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
  /** Into the last, or the one before it where the last is other news of the same store: a commit brings both kinds. */
  #mergeIntoLast(event: NodeEvent): boolean {
    for (let i = this.#queued.length - 1; i >= Math.max(0, this.#queued.length - 2); i--) {
      const queued = this.#queued[i] as NodeEvent;
      const merged = merge(queued, event);
      if (merged !== undefined) {
        this.#queued[i] = merged;
        return true;
      }
      const [store, queuedStore] = [storeOf(event), storeOf(queued)];
      if (!store || !queuedStore || !equalBytes(store, queuedStore)) return false;
    }
    return false;
  }
}

/** Of the store that it is of, an event that more of its kind may be added to. */
function storeOf(event: NodeEvent | undefined): StoreId | undefined {
  return event?.kind === 'store-changed' || event?.kind === 'conflict-seen' ? event.store : undefined;
}

/** Two events as one; `undefined` where that would lose something. */
function merge(last: NodeEvent, event: NodeEvent): NodeEvent | undefined {
  if (last.kind === 'store-changed' && event.kind === 'store-changed' && equalBytes(last.store, event.store))
    return { ...event, entries: last.entries + event.entries };
  if (last.kind === 'conflict-seen' && event.kind === 'conflict-seen' && equalBytes(last.store, event.store))
    return { ...event, ...together(last, event) };
  return undefined;
}

type Conflicts = Pick<Extract<NodeEvent, { kind: 'conflict-seen' }>, 'keys' | 'count'>;

/** A key that is named in both came into conflict again, and is one key. */
function together(last: Conflicts, next: Conflicts): Conflicts {
  const others = next.keys.filter((key) => !last.keys.some((known) => equalBytes(known, key)));
  return {
    keys: [...last.keys, ...others].slice(0, conflictKeysMax),
    count: last.count + next.count - (next.keys.length - others.length),
  };
}
