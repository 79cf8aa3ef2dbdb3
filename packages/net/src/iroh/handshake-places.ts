import type { Timers } from '@lattice/model';

/**
 * Handshakes that others have begun and not finished: in all, and from one place, lest one who never ends his keeps others out.
 * The second half of both is for who has shown that what is sent to its address gets there: an address can be made up.
 */
const handshakesMax = 64;
const handshakesOfSourceMax = 16;
/** As long as those who dial wait. What takes longer gives up its place. */
const handshakeMaxMs = 10_000;
/** How many such there may be: the binding cannot end them, and they last for as long as the other side sends something. */
const overdueMax = 256;
const overdueOfSourceMax = 64;

export interface Handshake extends Disposable {
  /** It has taken so long that nobody waits for it any more. */
  readonly isOverdue: boolean;
}

interface Begun {
  readonly source: string;
  readonly sinceMs: number;
}

/** The places of those whose handshake is under way. */
export class HandshakePlaces {
  readonly #timers: Pick<Timers, 'monotonicMs'>;
  readonly #begun = new Set<Begun>();

  constructor(timers: Pick<Timers, 'monotonicMs'>) {
    this.#timers = timers;
  }

  /** A place; or `prove`: there are few left, and whoever wants one is to show first that its address is its own. */
  take(source: string, isProven: boolean): Handshake | 'prove' | 'refuse' {
    const { timely, overdue } = this.#count(() => true);
    const ofSource = this.#count((other) => other.source === source);
    if (overdue >= overdueMax || ofSource.overdue >= overdueOfSourceMax) return 'refuse';
    if (timely >= handshakesMax || ofSource.timely >= handshakesOfSourceMax) return 'refuse';
    const isScarce = timely >= handshakesMax / 2 || ofSource.timely >= handshakesOfSourceMax / 2;
    return isScarce && !isProven ? 'prove' : this.#begin(source);
  }

  #begin(source: string): Handshake {
    const begun: Begun = { source, sinceMs: this.#timers.monotonicMs() };
    this.#begun.add(begun);
    const isOverdue = () => this.#isOverdue(begun);
    return {
      get isOverdue() {
        return isOverdue();
      },
      [Symbol.dispose]: () => void this.#begun.delete(begun),
    };
  }

  #count(isMeant: (one: Begun) => boolean): { readonly timely: number; readonly overdue: number } {
    const meant = [...this.#begun].filter(isMeant);
    const overdue = meant.filter((one) => this.#isOverdue(one)).length;
    return { timely: meant.length - overdue, overdue };
  }

  #isOverdue({ sinceMs }: Begun): boolean {
    return this.#timers.monotonicMs() - sinceMs >= handshakeMaxMs;
  }
}
