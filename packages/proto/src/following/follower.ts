import { type AppliedLog, assert, type LocalDot, type LocalRef, type StateMachine } from '@lattice/model';
import type { Following } from './cursor.js';
import { operationsOf } from './operations-of.js';

/** What a follower needs to know of the page that it fills. */
interface Room {
  readonly isFull: boolean;
  steps: number;
}

/** Goes through the operations that were applied, in order. */
export class Follower<Op> {
  readonly #applied: AppliedLog;
  readonly #machine: StateMachine<Op>;
  /** The entry of which a page had room for a part only. */
  #open: { readonly ref: LocalRef; readonly operations: readonly Op[] } | undefined;

  constructor(applied: AppliedLog, machine: StateMachine<Op>) {
    this.#applied = applied;
    this.#machine = machine;
  }

  /** Tells on from there until the page is full or there is no more; returns how far it came. */
  followOn(from: Following, page: Room, tell: (operation: Op, at: LocalDot) => void): Following {
    const { nextRef: end } = this.#applied.end();
    let { ref, op } = from;
    while (ref < end && !page.isFull) {
      const operations = this.#operationsAt(ref);
      for (; op < operations.length && !page.isFull; op++) {
        const operation = operations[op];
        assert(operation, 'it is one of them');
        page.steps++;
        tell(operation, { ref, op });
      }
      if (op < operations.length) break;
      this.forget();
      page.steps++;
      [ref, op] = [(ref + 1) as LocalRef, 0];
    }
    // Of an entry begun, the place behind it is what must still be there.
    const { era } = this.#applied.placeBefore(op > 0 ? ((ref + 1) as LocalRef) : ref);
    return { kind: 'following', era, ref, op };
  }

  /** To be called when aliases mean other entries from now on. */
  forget(): void {
    this.#open = undefined;
  }

  #operationsAt(ref: LocalRef): readonly Op[] {
    if (this.#open?.ref !== ref) {
      const payload = this.#applied.entryAt(ref)?.payload;
      this.#open = { ref, operations: payload === undefined ? [] : operationsOf(this.#machine, payload) };
    }
    return this.#open.operations;
  }
}
