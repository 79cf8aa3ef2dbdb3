import type { NodeContext } from './context.js';
import { Notes } from './notes.js';
import type { AcceptedLoss } from './public-care.js';

/** Of one store, so many are remembered: the latest. */
const rememberedMax = 64;

/**
 * What operators went on without, of stores whose logs had lost it: from then on nothing in a store tells of it, and whoever
 * looks into it later is to know.
 */
export class AcceptedLosses {
  readonly #notes: Notes;

  constructor({ storage }: NodeContext) {
    this.#notes = new Notes(storage.meta, 'accepted-losses');
  }

  /** Of that store, by UUID; the first comes first. */
  of(store: string): readonly AcceptedLoss[] {
    const text = this.#notes.get(store);
    return text === undefined ? [] : (JSON.parse(text) as AcceptedLoss[]);
  }

  remember(store: string, loss: AcceptedLoss): void {
    this.#notes.put(store, JSON.stringify([...this.of(store), loss].slice(-rememberedMax)));
  }
}
