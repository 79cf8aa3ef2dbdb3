import type { Timers } from '@lattice/model';
import type { CommitLoop } from './commit-loop.js';
import type { ReplicaCore } from './replica-core.js';

/** How often held bundles are looked at: the local clock may jump, so its distance to their time says little. */
const heldCheckMs = 5_000;
/** How often a state that is behind its log, for want of room, tries to catch up. */
const behindCheckMs = 5_000;

/** What a store has to do from time to time though nobody asks for it. */
export class Chores {
  readonly #core: ReplicaCore;
  readonly #loop: CommitLoop;
  readonly #timers: Timers;
  #cancelHeldCheck: (() => void) | undefined;
  #cancelBehindCheck: (() => void) | undefined;
  #isClosed = false;

  constructor(core: ReplicaCore, loop: CommitLoop, timers: Timers) {
    this.#core = core;
    this.#loop = loop;
    this.#timers = timers;
    if (core.isBehind) this.watchBehind();
  }

  watchHeld(): void {
    this.#cancelHeldCheck ??= this.#timers.after(heldCheckMs, () => {
      this.#cancelHeldCheck = undefined;
      this.#loop.releaseDue();
      if (this.#core.waiting.held > 0) this.watchHeld();
    });
  }

  /** Room may come back at any time: nobody needs to write for that to be noticed. */
  watchBehind(): void {
    if (this.#isClosed) return;
    this.#cancelBehindCheck ??= this.#timers.after(behindCheckMs, () => {
      this.#cancelBehindCheck = undefined;
      // Whatever is to be done brings the state up to date first; where that fails, this is called again.
      this.#loop.inTurn(() => Promise.resolve()).catch(() => undefined);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelHeldCheck?.();
    this.#cancelBehindCheck?.();
  }
}
