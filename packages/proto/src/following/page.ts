import type { Slice } from '@lattice/model';

const itemsMax = 256;
/** A page ends with the item that passes this. */
const bytesMax = 256 * 1024;
/** What is looked at in any case, however little time there is: pages of one item each would help nobody. */
const stepsMin = 4;

/** What is told to a follower in one go, as it is gathered: bounded in items, bytes and time. */
export class Page<Item> {
  readonly items: Item[] = [];
  /** How much was looked at for it: never nothing once it is full, so that every page is a step ahead. */
  steps = 0;
  readonly #slice: Slice;
  #bytes = 0;

  constructor(slice: Slice) {
    this.#slice = slice;
  }

  get isFull(): boolean {
    if (this.items.length >= itemsMax || this.#bytes >= bytesMax) return true;
    return this.steps >= stepsMin && this.#slice.isOver;
  }

  /** `bytes`: of what others wrote in it. */
  add(item: Item, bytes: number): void {
    this.items.push(item);
    this.#bytes += bytes;
  }
}
