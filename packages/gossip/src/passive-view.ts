import type { IdKey, Random } from '@lattice/model';
import { pick, sample } from './chance.js';

/** Candidates for the active view: a bounded set in which newer ones take the place of others. */
export class PassiveView {
  readonly #random: Random;
  readonly #nodes = new Set<IdKey>();
  #max: number;

  constructor(random: Random, max: number) {
    this.#random = random;
    this.#max = max;
  }

  get size(): number {
    return this.#nodes.size;
  }

  nodes(): readonly IdKey[] {
    return [...this.#nodes];
  }

  has(node: IdKey): boolean {
    return this.#nodes.has(node);
  }

  resize(max: number): void {
    this.#max = max;
    while (this.#nodes.size > max) this.#nodes.delete(pick(this.#random, this.nodes()) as IdKey);
  }

  /** `yielding`: those who were told to the one who named the node; they make room first. (HyParView, section 4.4.) */
  add(node: IdKey, yielding: IdKey[] = []): void {
    if (this.#max === 0 || this.#nodes.has(node)) return;
    while (this.#nodes.size >= this.#max) {
      const next = yielding.pop() ?? (pick(this.#random, this.nodes()) as IdKey);
      this.#nodes.delete(next);
    }
    this.#nodes.add(node);
  }

  delete(node: IdKey): boolean {
    return this.#nodes.delete(node);
  }

  sample(count: number): IdKey[] {
    return sample(this.#random, this.#nodes, count);
  }
}
