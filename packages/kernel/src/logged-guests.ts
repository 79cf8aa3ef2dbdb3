import { Heap } from '@lattice/model';

/** How many entries of a damaged log wait in memory, and how many bytes of their payloads. The rest waits where it is. */
export const loggedMax = { entries: 16_384, bytes: 32 * 1024 * 1024 };

/** Which bundles of this node's own log are not in the DAG, for want of an ancestor: by their offsets. */
export class LoggedGuests {
  readonly #offsets = new Set<number>();
  /** The same, and some that are gone. */
  readonly #order = new Heap<number>((a, b) => a - b);
  /** The first for which there was no room. */
  #turnedAway: number | undefined;
  #entriesTurnedAway = 0;

  /** Whether there is room for another one of so many entries, `load` being there. */
  add(offset: number, entries: number, load: { readonly entries: number; readonly bytes: number }): boolean {
    if (load.entries >= loggedMax.entries || load.bytes >= loggedMax.bytes) {
      this.#turnedAway = Math.min(this.#turnedAway ?? offset, offset);
      this.#entriesTurnedAway += entries;
      return false;
    }
    this.#offsets.add(offset);
    this.#order.push(offset);
    return true;
  }

  remove(offset: number): void {
    this.#offsets.delete(offset);
  }

  clear(): void {
    this.#offsets.clear();
    this.#turnedAway = undefined;
    this.#entriesTurnedAway = 0;
  }

  /** Entries for which there was no room. */
  get entriesTurnedAway(): number {
    return this.#entriesTurnedAway;
  }

  /** The first of all that wait; `undefined` where none does. */
  get first(): number | undefined {
    let first = this.#order.peek();
    while (first !== undefined && !this.#offsets.has(first)) {
      this.#order.pop();
      first = this.#order.peek();
    }
    return first === undefined ? this.#turnedAway : Math.min(first, this.#turnedAway ?? first);
  }

  /** How many wait in memory, those included that were taken out and are not in the DAG yet. */
  get size(): number {
    return this.#offsets.size;
  }

  /** Whether some were turned away. */
  get isCrowded(): boolean {
    return this.#turnedAway !== undefined;
  }
}
