import type { Cancel, Clock, Timers } from '@lattice/model';
import { assert } from '@lattice/model';
import { settled } from './system-ports.js';

interface Alarm {
  readonly atMs: number;
  readonly task: () => void;
}

export interface VirtualTimeOptions {
  /** What the wall clock says at first: Unix milliseconds. */
  readonly nowMs?: number;
}

const someDayMs = Date.UTC(2025, 0, 1);

/** A clock and its timers that move only when told to, so that tests wait for nothing and depend on no machine's speed. */
export class VirtualTime implements Clock, Timers {
  /** Sorted by time, then by when they were set. */
  readonly #alarms: Alarm[] = [];
  #monotonicMs = 0;
  #wallAheadMs: number;
  #yielding = 0;

  constructor({ nowMs = someDayMs }: VirtualTimeOptions = {}) {
    this.#wallAheadMs = nowMs;
  }

  /** Whole, as `Date.now` has it; alarms may be set for any fraction of one. */
  nowMs(): number {
    return Math.floor(this.#monotonicMs + this.#wallAheadMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** The wall clock jumps, as clocks do; timers do not notice. */
  setNowMs(ms: number): void {
    this.#wallAheadMs = ms - this.#monotonicMs;
  }

  after(delayMs: number, task: () => void): Cancel {
    const alarm = { atMs: this.#monotonicMs + Math.max(0, delayMs), task };
    this.#alarms.splice(this.#placeBehind(alarm.atMs), 0, alarm);
    return () => {
      const index = this.#alarms.lastIndexOf(alarm, this.#placeBehind(alarm.atMs));
      if (index !== -1) this.#alarms.splice(index, 1);
    };
  }

  /** A real turn of the event loop: it takes no virtual time. */
  async yield(): Promise<void> {
    this.#yielding++;
    await settled();
    this.#yielding--;
  }

  /** How many timers are set: for tests that nothing was left behind. */
  get timersSet(): number {
    return this.#alarms.length;
  }

  /**
   * Lets that much time pass: runs what is due, in order, each at its time, and lets everything that waits on promises
   * run in between. Throws what a task throws. `advance(0)` runs what is due now.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#monotonicMs + ms;
    await this.#settled();
    while (this.#ring(untilMs)) await this.#settled();
    this.#monotonicMs = Math.max(this.#monotonicMs, untilMs);
  }

  /** Lets time pass until the promise settles. Fails where it has not after `msMax`, or when no timer is left to wait for. */
  async run<T>(promise: Promise<T>, msMax = 600_000): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    const untilMs = this.#monotonicMs + msMax;
    await this.#settled();
    while (!isSettled) {
      assert(this.#ring(untilMs), `what was awaited happens within ${msMax} ms of virtual time`);
      await this.#settled();
    }
    return promise;
  }

  /** Where an alarm for that time belongs: behind those that were set for it before. */
  #placeBehind(atMs: number): number {
    let [from, to] = [0, this.#alarms.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#alarms[middle]?.atMs ?? Infinity) > atMs) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  /** Resolves when only timers and I/O are left to wait for. */
  async #settled(): Promise<void> {
    do await settled();
    while (this.#yielding > 0);
  }

  /** Runs the next task if it is due by then. */
  #ring(untilMs: number): boolean {
    const next = this.#alarms[0];
    if (next === undefined || next.atMs > untilMs) return false;
    this.#alarms.shift();
    this.#monotonicMs = Math.max(this.#monotonicMs, next.atMs);
    next.task();
    return true;
  }
}
