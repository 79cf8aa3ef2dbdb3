import { type Bound, boundAt, boundBetween, BoundWriter, end } from './bound.js';
import { idBytes } from './item.js';
import type { ItemSet } from './item-set.js';
import { MessageWriter } from './message-writer.js';
import { mode, protocolVersion } from './ranges.js';

/** Into so many parts a range is split that differs. */
const buckets = 16;

/**
 * The message that answers another one: a range for each of its ranges that is not settled, in their order. Ranges that
 * are settled are passed over by one `skip` in front of the next one that is not.
 */
export class Answer {
  readonly #items: ItemSet;
  readonly #room: number;
  readonly #message = new MessageWriter().byte(protocolVersion);
  readonly #bounds = new BoundWriter();
  /** Up to where the ranges before are settled and not passed over yet. */
  #settledTo: Bound | undefined;
  #isFull = false;

  constructor(items: ItemSet, room: number) {
    this.#items = items;
    this.#room = room;
  }

  /** Whether the message ends here, whatever else there was to say: the next ones say it. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get hasRanges(): boolean {
    return this.#message.length > 1;
  }

  finish(): Uint8Array {
    return this.#message.finish();
  }

  /** There is nothing more to say about the items up to there. */
  settle(to: Bound): void {
    this.#settledTo = to;
  }

  /** The items with `from <= index < to`, which end at the bound: their ids if they are few, else fingerprints of parts. */
  split(from: number, to: number, bound: Bound): void {
    const before = this.#message.length;
    this.#passOver();
    if (to - from < 2 * buckets) this.#writeIds(from, to, bound);
    else this.#writeParts(from, to, bound);
    if (this.#message.length <= this.#room) return;
    this.#message.truncate(before);
    this.#endWith(to);
  }

  /** The ids of the items with `from <= index < to`, which end at the bound: as many as there is room for. */
  list(from: number, to: number, bound: Bound): void {
    const room = Math.floor((this.#room - this.#message.length) / idBytes) + 1;
    this.#passOver();
    const listed = Math.min(to - from, Math.max(room, 0));
    const until = from + listed;
    this.#writeIds(from, until, until < to ? boundAt(this.#items, until) : bound);
    if (this.#message.length > this.#room) this.#endWith(until);
  }

  #writeIds(from: number, to: number, bound: Bound): void {
    this.#begin(bound, mode.idList);
    this.#message.varint(to - from);
    for (let i = from; i < to; i++) this.#message.bytes(this.#items.id(i));
  }

  #writeParts(from: number, to: number, bound: Bound): void {
    const size = Math.floor((to - from) / buckets);
    const larger = (to - from) % buckets;
    let at = from;
    for (let part = 0; part < buckets; part++) {
      const next = at + size + (part < larger ? 1 : 0);
      this.#begin(next === to ? bound : boundBetween(this.#items, next), mode.fingerprint);
      this.#message.bytes(this.#items.fingerprint(at, next));
      at = next;
    }
  }

  /** The message is full: what comes from here on is compared as a whole next time. */
  #endWith(from: number): void {
    this.#begin(end, mode.fingerprint);
    this.#message.bytes(this.#items.fingerprint(from, this.#items.size));
    this.#isFull = true;
  }

  #passOver(): void {
    if (this.#settledTo) this.#begin(this.#settledTo, mode.skip);
    this.#settledTo = undefined;
  }

  #begin(bound: Bound, kind: number): void {
    this.#bounds.write(this.#message, bound);
    this.#message.varint(kind);
  }
}
