import type { IdKey } from '@lattice/model';
import type { ViewMessage } from './messages.js';
import { Rate, type RateLimit } from './rate.js';

/** What costs others something: each makes as many messages as the active view is large, times the length of a walk. */
const entering: RateLimit = { burst: 8, everyMs: 2_000 };
/** What goes through: of the walks of all, each peer passes on its share. */
const walking: RateLimit = { burst: 64, everyMs: 50 };
/** More than any node is linked with. */
const peersMax = 4_096;

interface Rates {
  readonly entering: Rate;
  readonly walking: Rate;
}

/** How often each peer may have this node do something for the views; what exceeds it is passed over. */
export class PeerRates {
  readonly #peers = new Map<IdKey, Rates>();

  allow(peer: IdKey, kind: ViewMessage['kind'], nowMs: number): boolean {
    let rates = this.#peers.get(peer);
    if (!rates) {
      if (this.#peers.size >= peersMax) return false;
      rates = { entering: new Rate(entering, nowMs), walking: new Rate(walking, nowMs) };
      this.#peers.set(peer, rates);
    }
    // A parting is never passed over, lest the views of the two differ.
    if (kind === 'disconnect' || kind === 'neighbor-reply') return true;
    return (kind === 'join' || kind === 'neighbor' ? rates.entering : rates.walking).take(nowMs);
  }

  forget(peer: IdKey): void {
    this.#peers.delete(peer);
  }
}
