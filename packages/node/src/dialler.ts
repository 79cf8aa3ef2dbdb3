import { type IdKey, idKey, type NodeId, type Random, type Timers } from '@lattice/model';
import type { Connection, PeerAddress, Transport } from '@lattice/net-types';
import { Backoff } from './backoff.js';

/** A dial that has not come through by now is given up; Iroh's own limit is 30 s. */
const dialMaxMs = 10_000;
/** Where there is news of the peer in the middle of a dial, the dial is given so long in all: it may be on the right way. */
const outdatedDialMaxMs = 2_000;
/** How many dials are under way at a time, so that a mesh full of sleeping laptops does not block those awake. */
const dialsMax = 8;
/** A connection that lasted for so long was a good one: the next attempt comes soon after its end. */
const steadyMs = 10_000;

export interface DiallerOptions {
  readonly timers: Timers;
  readonly random: Random;
  /** Where the peer is thought to be now. */
  readonly addressOf: (peer: NodeId) => PeerAddress | undefined;
  readonly isConnected: (peer: NodeId) => boolean;
  /** For how long the peer is not to be dialled yet, as it broke the protocol. */
  readonly barredMs: (peer: NodeId) => number;
  readonly onConnection: (connection: Connection) => void;
}

interface Wanted {
  readonly peer: NodeId;
  readonly backoff: Backoff;
  /** Since when it is not connected, or wanted; `undefined` where it was reached and of no use: it is not missed. */
  lostAtMs: number | undefined;
  /** Cancels the next attempt, when one is scheduled. */
  cancel: (() => void) | undefined;
  dialling: Attempt | undefined;
}

interface Attempt {
  readonly abort: AbortController;
  readonly sinceMs: number;
  /** Cancels its end, where there was news since it began. */
  cancelEnd: (() => void) | undefined;
}

/** Keeps dialling the peers that are wanted and not connected. */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #wanted = new Map<IdKey, Wanted>();
  readonly #abort = new AbortController();
  /** Those who are to be dialled as soon as a dial ends, in turn: so many are under way. */
  readonly #putOff = new Set<Wanted>();
  #transport: Transport | undefined;
  #underWay = 0;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  start(transport: Transport): void {
    this.#transport = transport;
    for (const wanted of this.#wanted.values()) this.#schedule(wanted, 0);
  }

  /** Wants these peers, and no others, to be connected, whether or not they are by now. */
  want(peers: readonly NodeId[]): void {
    const keys = new Set(peers.map(idKey));
    for (const [key, wanted] of this.#wanted) {
      if (keys.has(key)) continue;
      wanted.cancel?.();
      this.#wanted.delete(key);
    }
    for (const peer of peers) {
      if (this.#wanted.has(idKey(peer))) continue;
      const wanted: Wanted = {
        peer,
        backoff: new Backoff(this.#options.random),
        lostAtMs: this.#options.timers.monotonicMs(),
        cancel: undefined,
        dialling: undefined,
      };
      this.#wanted.set(idKey(peer), wanted);
      this.#schedule(wanted, 0);
    }
  }

  /** A connection with the peer is about to stand: no more attempts until it ends. */
  connected(peer: NodeId): void {
    const wanted = this.#wanted.get(idKey(peer));
    wanted?.cancel?.();
    if (!wanted || [...this.#wanted.values()].some((other) => this.#options.isConnected(other.peer))) return;
    // The first one that is reached: the network is back, and with it the others that are missed.
    for (const other of this.#wanted.values())
      if (other !== wanted && other.lostAtMs !== undefined) this.#soon(other);
  }

  /** The connection has ended, after that long: tries again after a while, a longer one where it did not last. */
  disconnected(peer: NodeId, lastedMs: number): void {
    const wanted = this.#wanted.get(idKey(peer));
    if (!wanted) return;
    const isLost = lastedMs >= steadyMs;
    wanted.lostAtMs = isLost ? this.#options.timers.monotonicMs() : undefined;
    if (isLost) wanted.backoff.reset();
    this.#retry(wanted);
  }

  /** There is news of where the peer is: tries at once. */
  hint(peer: NodeId): void {
    const wanted = this.#wanted.get(idKey(peer));
    if (!wanted) return;
    wanted.backoff.reset();
    if (wanted.dialling) this.#endSoon(wanted.dialling);
    else this.#schedule(wanted, 0);
  }

  /** The network is another one, or back: whoever is not connected is tried at once. */
  hintAll(): void {
    for (const { peer } of this.#wanted.values()) if (!this.#options.isConnected(peer)) this.hint(peer);
  }

  /** Dials an address once. Rejects as `Transport.connect` does, with `aborted` after ten seconds. */
  async dial(address: PeerAddress, signal?: AbortSignal): Promise<Connection> {
    const transport = this.#transport;
    if (!transport) throw new Error('assertion failed: dialling begins after the network has started');
    const abort = new AbortController();
    const give = () => abort.abort();
    const cancel = this.#options.timers.after(dialMaxMs, give);
    const signals = [this.#abort.signal, ...(signal ? [signal] : [])];
    for (const one of signals) one.addEventListener('abort', give, { once: true });
    if (signals.some((one) => one.aborted)) give();
    try {
      return await transport.connect(address, abort.signal);
    } finally {
      cancel();
      for (const one of signals) one.removeEventListener('abort', give);
    }
  }

  stop(): void {
    this.#abort.abort();
    for (const wanted of this.#wanted.values()) wanted.cancel?.();
    this.#wanted.clear();
  }

  /** After a pause as short as the first, lest all do it at the same moment. */
  #soon(wanted: Wanted): void {
    wanted.backoff.reset();
    if (!wanted.dialling) this.#retry(wanted);
  }

  #retry(wanted: Wanted): void {
    const { lostAtMs, backoff } = wanted;
    const lostMs = lostAtMs === undefined ? Infinity : this.#options.timers.monotonicMs() - lostAtMs;
    this.#schedule(wanted, backoff.nextMs(lostMs));
  }

  #schedule(wanted: Wanted, delayMs: number): void {
    // Whoever waits for its turn has it soon enough, and would only have to wait behind the others.
    if (!this.#transport || this.#abort.signal.aborted || this.#putOff.has(wanted)) return;
    wanted.cancel?.();
    const cancelTimer = this.#options.timers.after(delayMs, () => {
      wanted.cancel = undefined;
      void this.#attempt(wanted);
    });
    wanted.cancel = cancelTimer;
  }

  #endSoon(attempt: Attempt): void {
    const { timers } = this.#options;
    const leftMs = attempt.sinceMs + outdatedDialMaxMs - timers.monotonicMs();
    attempt.cancelEnd ??= timers.after(Math.max(0, leftMs), () => attempt.abort.abort());
  }

  async #attempt(wanted: Wanted): Promise<void> {
    if (wanted.dialling || this.#options.isConnected(wanted.peer)) return;
    const barredMs = this.#options.barredMs(wanted.peer);
    if (barredMs > 0) return this.#schedule(wanted, barredMs);
    const address = this.#options.addressOf(wanted.peer);
    // Nowhere to look: it may call, or a third one may tell where it is.
    if (!address) return;
    if (this.#underWay >= dialsMax) return this.#waitForTurn(wanted);
    this.#underWay++;
    const attempt: Attempt = {
      abort: new AbortController(),
      sinceMs: this.#options.timers.monotonicMs(),
      cancelEnd: undefined,
    };
    wanted.dialling = attempt;
    try {
      this.#options.onConnection(await this.dial(address, attempt.abort.signal));
    } catch {
      // It may not be wanted any more, or be wanted anew since.
      if (this.#wanted.get(idKey(wanted.peer)) !== wanted) return;
      if (attempt.cancelEnd) this.#schedule(wanted, 0);
      else this.#retry(wanted);
    } finally {
      attempt.cancelEnd?.();
      this.#underWay--;
      wanted.dialling = undefined;
      this.#takeTurns();
    }
  }

  #waitForTurn(wanted: Wanted): void {
    this.#putOff.add(wanted);
    wanted.cancel = () => void this.#putOff.delete(wanted);
  }

  #takeTurns(): void {
    for (const wanted of this.#putOff) {
      if (this.#underWay >= dialsMax) return;
      this.#putOff.delete(wanted);
      wanted.cancel = undefined;
      void this.#attempt(wanted);
    }
  }
}
