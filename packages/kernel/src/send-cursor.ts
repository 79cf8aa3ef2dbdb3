import type { LocalRef } from '@lattice/model';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';

/** A chain of which something is left to send. */
export class SendCursor {
  readonly chain: number;
  readonly lastSeq: number;
  readonly #index: DagIndex;
  #refs: Iterator<LocalRef>;
  #record: EntryRecord | undefined;

  constructor(index: DagIndex, chain: number, firstSeq: number, lastSeq: number) {
    this.#index = index;
    this.chain = chain;
    this.lastSeq = lastSeq;
    this.#refs = index.refsFrom(chain, firstSeq);
    this.advance();
  }

  /** The next entry. */
  get record(): EntryRecord | undefined {
    return this.#record;
  }

  advance(): void {
    const { value, done } = this.#refs.next();
    const record = done ? undefined : this.#index.entry(value);
    this.#record = record && record.seq <= this.lastSeq ? record : undefined;
  }

  /** Moves behind an entry, without a look at those before it. */
  moveBehind(seq: number): void {
    if (seq === this.#record?.seq) return this.advance();
    this.#record = undefined;
    if (seq >= this.lastSeq) return;
    this.#refs = this.#index.refsFrom(this.chain, seq + 1);
    this.advance();
  }
}
