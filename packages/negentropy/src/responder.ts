import { Answer } from './answer.js';
import { finish } from './finish.js';
import { type FrameOptions, roomIn } from './frame.js';
import type { ItemSet } from './item-set.js';
import { openMessage } from './ranges.js';
import { sameBytes } from './same-bytes.js';

/** The side that is asked: each message is answered from it and the items alone. */
export class Responder {
  readonly #items: ItemSet;
  readonly #room: number;

  constructor(items: ItemSet, options: FrameOptions = {}) {
    this.#items = items;
    this.#room = roomIn(options);
  }

  /**
   * Throws `malformed`. One of another version is answered by the version that is spoken here, so that the initiator may
   * begin anew.
   */
  answer(bytes: Uint8Array): Uint8Array {
    return finish(this.answering(bytes));
  }

  /** The same in steps, each a range. */
  *answering(bytes: Uint8Array): Generator<void, Uint8Array> {
    const items = this.#items;
    const answer = new Answer(items, this.#room);
    const opened = openMessage(bytes);
    if (opened.kind === 'other-version') return answer.finish();
    let from = 0;
    for (const range of opened.ranges) {
      yield;
      const to = items.lowerBound(from, range.end);
      if (range.kind === 'ids') answer.list(from, to, range.end);
      else if (range.kind === 'fingerprint' && !sameBytes(range.fingerprint, items.fingerprint(from, to)))
        answer.split(from, to, range.end);
      else answer.settle(range.end);
      if (answer.isFull) break;
      from = to;
    }
    return answer.finish();
  }
}
