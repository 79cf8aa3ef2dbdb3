import { type Clock, type IdKey, idKey, type NodeId, type Timers } from '@lattice/model';
import { cleanReason } from '@lattice/net-types';

/** For how long a peer that broke the protocol is not listened to: the first time, and at most. */
const firstMs = 60_000;
const mostMs = 3_600_000;
/** Who behaved for so long is as good as new. */
const forgivenMs = 24 * 3_600_000;
/** How many are remembered; keys cost nothing, so that strangers could come with ever new ones. */
const rememberedMax = 256;

/** What a peer did against the protocol. */
export interface Offence {
  /** Of the last time, without control characters. */
  readonly reason: string;
  /** When, in Unix milliseconds. */
  readonly atMs: number;
  /** In milliseconds from now: how long it is not listened to yet; 0 where it is again. */
  readonly barredMs: number;
}

interface Record {
  readonly reason: string;
  readonly atMs: number;
  /** In the process's time. */
  readonly at: number;
  readonly times: number;
}

/**
 * Which peers broke the protocol. Such a peer is neither dialled nor listened to for a minute, and each time twice as long, up
 * to an hour; after a day of good conduct it is forgiven. It may be honest and have a fault: so nobody is shut out for good,
 * and its owner reads in `mesh peers` what it is.
 */
export class Conduct {
  readonly #clock: Clock;
  readonly #timers: Timers;
  /** In the order of their last offences. */
  readonly #records = new Map<IdKey, Record>();

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  note(peer: NodeId, reason: string): void {
    const key = idKey(peer);
    const times = (this.#record(key)?.times ?? 0) + 1;
    this.#records.delete(key);
    const [oldest] = this.#records.keys();
    if (oldest !== undefined && this.#records.size >= rememberedMax) this.#records.delete(oldest);
    const [atMs, at] = [this.#clock.nowMs(), this.#timers.monotonicMs()];
    this.#records.set(key, { reason: cleanReason(reason), atMs, at, times });
  }

  /** What it did last, until it is forgiven. */
  of(peer: NodeId): Offence | undefined {
    const record = this.#record(idKey(peer));
    if (!record) return undefined;
    const { reason, atMs, at, times } = record;
    const until = at + Math.min(mostMs, firstMs * 2 ** (times - 1));
    return { reason, atMs, barredMs: Math.max(0, until - this.#timers.monotonicMs()) };
  }

  #record(key: IdKey): Record | undefined {
    const record = this.#records.get(key);
    if (!record || this.#timers.monotonicMs() - record.at < forgivenMs) return record;
    this.#records.delete(key);
    return undefined;
  }
}
