import type { IdKey } from '@lattice/model';
import type { BroadcastId } from './messages.js';

/** How long a broadcast is known by its name: longer than the last copy of it is under way. */
const knownMs = 120_000;
/** 16,384 a node at most; what is forgotten and comes again is known by the store that it is for. */
const knownMax = 16_384;

export interface KnownBroadcast {
  /** Over how many links it came to this node; 0 for what did not come by a push. */
  readonly round: number;
  readonly from: IdKey | undefined;
  /** It was found good, and the others were told. */
  isPassedOn: boolean;
}

interface Remembered extends KnownBroadcast {
  readonly untilMs: number;
}

/** The broadcasts of the last while: bounded in time and number, the oldest forgotten first. */
export class KnownBroadcasts {
  readonly #known = new Map<BroadcastId, Remembered>();

  get(id: BroadcastId): KnownBroadcast | undefined {
    return this.#known.get(id);
  }

  add(id: BroadcastId, round: number, from: IdKey | undefined, nowMs: number): KnownBroadcast {
    const known = { round, from, isPassedOn: false, untilMs: nowMs + knownMs };
    this.#known.set(id, known);
    for (const [oldest, { untilMs }] of this.#known) {
      if (untilMs > nowMs && this.#known.size <= knownMax) break;
      this.#known.delete(oldest);
    }
    return known;
  }
}
