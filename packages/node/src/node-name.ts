import { isName } from '@lattice/meshstore';
import type { OrderedKv } from '@lattice/storage';
import { Notes } from './notes.js';

/** What this node calls itself: what somebody said, else what it was opened with (its machine's name). */
export class NodeName {
  readonly #notes: Notes;
  readonly #otherwise: string | undefined;

  constructor(kv: OrderedKv, otherwise: string | undefined) {
    this.#notes = new Notes(kv, 'node');
    this.#otherwise = otherwise !== undefined && isName(otherwise) ? otherwise : undefined;
  }

  get(): string | undefined {
    return this.#notes.get(nameNote) ?? this.#otherwise;
  }

  set(name: string): void {
    if (this.#notes.get(nameNote) !== name) this.#notes.put(nameNote, name);
  }
}

const nameNote = 'name';
