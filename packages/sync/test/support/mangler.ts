import type { Dice } from '@lattice/testkit';

/** What is done to a message on its way: to the one, and sometimes to those that follow it. */
type Fault = (frame: Uint8Array) => readonly Uint8Array[];

/** Lets most messages through as they are, and does something to others, of both directions. */
export class Mangler {
  readonly #dice: Dice;
  /** What was said so far, to be said again. */
  readonly #heard: Uint8Array[] = [];
  /** Held back until the next message has passed. */
  readonly #late: Uint8Array[] = [];

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** What arrives in its place. */
  pass(frame: Uint8Array): readonly Uint8Array[] {
    this.#heard.push(frame);
    const fault = this.#dice.oneIn(6) ? this.#dice.pick(this.#faults) : undefined;
    const late = this.#late.splice(0);
    return [...(fault ? fault(frame) : [frame]), ...late];
  }

  readonly #faults: readonly Fault[] = [
    (frame) => [this.#changed(frame)],
    (frame) => [this.#changed(this.#changed(frame))],
    (frame) => [frame.subarray(0, this.#dice.below(frame.length + 1))],
    (frame) => [Uint8Array.from([...frame, ...this.#noise(8)])],
    (frame) => [frame, frame],
    () => [],
    (frame) => [frame, this.#dice.pick(this.#heard)],
    () => [this.#dice.pick(this.#heard)],
    () => [this.#noise(64)],
    (frame) => {
      this.#late.push(frame);
      return [];
    },
  ];

  #changed(frame: Uint8Array): Uint8Array {
    const changed = frame.slice();
    if (changed.length > 0) changed[this.#dice.below(changed.length)] = this.#dice.below(256);
    return changed;
  }

  #noise(bytesMax: number): Uint8Array {
    return Uint8Array.from({ length: this.#dice.below(bytesMax) }, () => this.#dice.below(256));
  }
}
