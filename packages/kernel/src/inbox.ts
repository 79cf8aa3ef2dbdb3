import type { Bundle, EntryRef, TimeSlice } from '@lattice/model';
import type { BundleResolver } from '@lattice/proto';
import type { Admittance } from './commit.js';
import { type Verification, type VerifiedBundle, verifyingNews } from './verify.js';
import type { Sender } from './waiting-room.js';

/** What became of bytes that a peer handed over as a bundle: what was wrong with them, or what became of the bundle. */
export type Receipt =
  | (Admitted & { readonly bundle: Bundle })
  | Exclude<Admittance, Admitted>
  | Exclude<Verification, { readonly kind: 'verified' }>;

type Admitted = Extract<Admittance, { readonly kind: 'admitted' }>;

export interface InboxOptions {
  readonly lookUp: BundleResolver['lookUp'];
  /** Whether an entry is in the DAG. */
  readonly has: (entry: EntryRef) => boolean;
  readonly admit: (bundle: VerifiedBundle, from: Sender) => Promise<Admittance>;
  /** What is thrown once the inbox is closed. */
  readonly closedError: () => Error;
  readonly slice: TimeSlice;
}

/**
 * Verifies what peers send, one bundle after the other and each in slices: they are admitted in the order in which they
 * came, however long each takes to verify, and many at once keep the event loop no longer than one does.
 */
export class Inbox {
  readonly #options: InboxOptions;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  async receive(bytes: Uint8Array, from: Sender): Promise<Receipt> {
    // The bundle is handed on before the next one's turn, and that does not wait for what becomes of it.
    const handedOn = this.#last.then(() => this.#handOn(bytes, from));
    this.#last = handedOn.catch(() => undefined);
    const { receipt } = await handedOn;
    return receipt;
  }

  /** Refuses what is left; resolves once nothing is looked up any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  async #handOn(bytes: Uint8Array, from: Sender): Promise<{ readonly receipt: Receipt | Promise<Receipt> }> {
    const { lookUp, has, admit, slice } = this.#options;
    const verification = await slice.finish(verifyingNews(bytes, lookUp, has), (work) => {
      this.#requireOpen();
      return work();
    });
    if (verification.kind === 'verified') await slice.restBefore();
    this.#requireOpen();
    if (verification.kind !== 'verified') return { receipt: verification };
    const { bundle } = verification;
    const withBundle = (outcome: Admittance): Receipt =>
      outcome.kind === 'admitted' ? { ...outcome, bundle } : outcome;
    return { receipt: admit(bundle, from).then(withBundle) };
  }

  #requireOpen(): void {
    if (this.#isClosed) throw this.#options.closedError();
  }
}
