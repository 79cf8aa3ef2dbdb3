import type { GossipMessage } from '@lattice/gossip';
import type { IdKey, Timers } from '@lattice/model';

/** As long as a dial may take, and a little. */
const waitMaxMs = 12_000;
const peersMax = 32;
const perPeerMax = 4;

interface Waiting {
  readonly messages: GossipMessage[];
  readonly untilMs: number;
}

/** What is to be said to peers that are being dialled: a little, and for a little while. */
export class WaitingMessages {
  readonly #timers: Timers;
  readonly #waiting = new Map<IdKey, Waiting>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  peers(): readonly IdKey[] {
    return [...this.#waiting.keys()];
  }

  /** When there is something to give up. */
  get wakeAtMs(): number {
    const [oldest] = this.#waiting.values();
    return oldest?.untilMs ?? Infinity;
  }

  /** Whether the peer is one that nothing was waiting for. */
  add(peer: IdKey, message: GossipMessage): boolean {
    const waiting = this.#waiting.get(peer);
    if (waiting && waiting.messages.length < perPeerMax) waiting.messages.push(message);
    if (waiting || this.#waiting.size >= peersMax) return false;
    this.#waiting.set(peer, { messages: [message], untilMs: this.#timers.monotonicMs() + waitMaxMs });
    return true;
  }

  /** The peer is there, or is gone. */
  take(peer: IdKey): readonly GossipMessage[] {
    const messages = this.#waiting.get(peer)?.messages ?? [];
    this.#waiting.delete(peer);
    return messages;
  }

  /** Those that cannot be reached; whether there were any. */
  giveUp(): boolean {
    const before = this.#waiting.size;
    for (const [peer, { untilMs }] of this.#waiting)
      if (untilMs <= this.#timers.monotonicMs()) this.#waiting.delete(peer);
    return this.#waiting.size < before;
  }
}
