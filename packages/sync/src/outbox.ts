import type { Steps } from '@lattice/model';
import type { BundleForm, SendableBundle } from '@lattice/proto';

/** How many bundles may be on their way: what bounds the memory of both sides, with a round trip's worth of work each. */
const windowBundles = 4;

export interface OutgoingBundle {
  readonly index: bigint;
  readonly entries: number;
  readonly bytes: Uint8Array;
}

/** The bundles of one direction: taken from the history one by one, sent thin, kept until they are acknowledged. */
export class Outbox {
  readonly #source: Iterator<SendableBundle | undefined>;
  readonly #unacknowledged = new Map<bigint, SendableBundle>();
  #next = 0n;
  #exhausted = false;

  /** `source`: comes with nothing now and then, so that whoever waits for the next one can rest. */
  constructor(source: Iterator<SendableBundle | undefined>) {
    this.#source = source;
  }

  /** Whether all there is has been sent and acknowledged. */
  get isDone(): boolean {
    return this.#exhausted && this.#unacknowledged.size === 0;
  }

  /** The next bundle, thin; `undefined` when the window is full or there is no more. */
  *next(): Steps<OutgoingBundle | undefined> {
    if (this.#exhausted || this.#unacknowledged.size >= windowBundles) return undefined;
    for (;;) {
      const { value, done } = this.#source.next();
      if (done) {
        this.#exhausted = true;
        return undefined;
      }
      yield;
      if (!value) continue;
      const index = this.#next++;
      this.#unacknowledged.set(index, value);
      return encode(index, value, 'thin');
    }
  }

  /** Whether there was such a bundle to acknowledge. */
  acknowledge(index: bigint): boolean {
    return this.#unacknowledged.delete(index);
  }

  /** The same bundle in full form; `undefined` for one that is not under way. */
  full(index: bigint): OutgoingBundle | undefined {
    const bundle = this.#unacknowledged.get(index);
    return bundle && encode(index, bundle, 'full');
  }

  /** Lets go of the history. */
  close(): void {
    this.#exhausted = true;
    this.#unacknowledged.clear();
    this.#source.return?.();
  }
}

function encode(index: bigint, bundle: SendableBundle, form: BundleForm): OutgoingBundle {
  return { index, entries: bundle.entries, bytes: bundle.encode(form) };
}
