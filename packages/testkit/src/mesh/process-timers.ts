import type { Cancel, Timers } from '@lattice/model';
import type { Lifeline } from './lifeline.js';

/** The timers of one process: they are counted, and go with it. */
export class ProcessTimers implements Timers {
  readonly #timers: Timers;
  readonly #life: Lifeline;
  readonly #set = new Set<Cancel>();

  constructor(timers: Timers, life: Lifeline) {
    this.#timers = timers;
    this.#life = life;
    life.onEnd(() => {
      for (const cancel of [...this.#set]) cancel();
    });
  }

  /** How many are set. */
  get count(): number {
    return this.#set.size;
  }

  monotonicMs(): number {
    return this.#timers.monotonicMs();
  }

  after(delayMs: number, task: () => void): Cancel {
    if (this.#life.hasEnded) return () => undefined;
    const cancelAlarm = this.#timers.after(delayMs, () => {
      this.#set.delete(cancel);
      task();
    });
    const cancel = () => {
      this.#set.delete(cancel);
      cancelAlarm();
    };
    this.#set.add(cancel);
    return cancel;
  }

  yield(): Promise<void> {
    return this.#life.hold(this.#timers.yield());
  }
}
