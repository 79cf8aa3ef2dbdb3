import { Answer } from './answer.js';
import { end } from './bound.js';
import { NegentropyError } from './errors.js';
import { finish, itemsPerStep } from './finish.js';
import { type FrameOptions, roomIn } from './frame.js';
import type { ItemSet } from './item-set.js';
import { openMessage } from './ranges.js';
import { sameBytes } from './same-bytes.js';

/** What one message of the responder told. */
export interface Learned {
  /** What to send next; `undefined` when everything is known. */
  readonly message: Uint8Array | undefined;
  /** Ids that only this side has, not told before. */
  readonly have: readonly Uint8Array[];
  /** Ids that only the other side has; may repeat what was told before where frames are limited. */
  readonly need: readonly Uint8Array[];
}

/**
 * The side that asks. It keeps nothing between messages either: what one message says is all that the next is made from.
 *
 * With a frame size limit on either side, the reference implementation can take a difference at the end of a full message
 * for settled; so does this one, whose messages are the same byte for byte. Who needs certainty compares a digest of the
 * outcome.
 */
export class Initiator {
  readonly #items: ItemSet;
  readonly #room: number;

  constructor(items: ItemSet, options: FrameOptions = {}) {
    this.#items = items;
    this.#room = roomIn(options);
  }

  /** The first message. */
  begin(): Uint8Array {
    const message = new Answer(this.#items, Infinity);
    message.split(0, this.#items.size, end);
    return message.finish();
  }

  /** Throws `malformed`, or `unsupported-version`. */
  receive(bytes: Uint8Array): Learned {
    return finish(this.receiving(bytes));
  }

  /** The same in steps, each a range or some items of one. */
  *receiving(bytes: Uint8Array): Generator<void, Learned> {
    const opened = openMessage(bytes);
    if (opened.kind === 'other-version')
      throw new NegentropyError('unsupported-version', 'the responder speaks another version only');
    const items = this.#items;
    const answer = new Answer(items, this.#room);
    const have: Uint8Array[] = [];
    const need: Uint8Array[] = [];
    let from = 0;
    for (const range of opened.ranges) {
      yield;
      const to = items.lowerBound(from, range.end);
      if (range.kind === 'fingerprint' && !sameBytes(range.fingerprint, items.fingerprint(from, to)))
        answer.split(from, to, range.end);
      else answer.settle(range.end);
      if (range.kind === 'ids') {
        const theirs = new Map(range.ids.map((id) => [keyOf(id), id]));
        for (let i = from; i < to; i++) {
          if (!theirs.delete(keyOf(items.id(i)))) have.push(items.id(i).slice());
          if (i % itemsPerStep === 0) yield;
        }
        for (const id of theirs.values()) need.push(id.slice());
      }
      if (answer.isFull) break;
      from = to;
    }
    return { message: answer.hasRanges ? answer.finish() : undefined, have, need };
  }
}

/** Ids as keys of a map. */
function keyOf(id: Uint8Array): string {
  return String.fromCharCode(...id);
}
