import type { Timers } from '@lattice/model';
import { onOwnLinks } from '../lan/lan-interfaces.js';

/** How long what the machine said of its links is taken for true: asking costs some 50 us, and a screen asks for every peer. */
const goodForMs = 1_000;

/** The links that this machine is on. */
export class OwnLinks {
  readonly #timers: Timers;
  #has: ((address: string) => boolean) | undefined;
  #asOfMs = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Whether an IP address is on one of them. */
  includes(address: string): boolean {
    const now = this.#timers.monotonicMs();
    if (!this.#has || now - this.#asOfMs >= goodForMs) {
      this.#has = onOwnLinks();
      this.#asOfMs = now;
    }
    return this.#has(address);
  }
}
