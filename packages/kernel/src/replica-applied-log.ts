import {
  type AppliedLog,
  type Entry,
  LatticeError,
  type LocalRef,
  type LogPlace,
  TimeSlice,
} from '@lattice/model';
import { takesEffect } from './ingest.js';
import type { ReplicaCore } from './replica-core.js';

/** A replica as those see it who follow what it applies. */
export class ReplicaAppliedLog implements AppliedLog {
  readonly #core: ReplicaCore;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(core: ReplicaCore) {
    this.#core = core;
    core.onChanged(() => this.#wake());
  }

  end(): LogPlace {
    return this.placeBefore(this.#end());
  }

  placeBefore(ref: LocalRef): LogPlace {
    this.#requireOpen();
    return this.#core.state.eras.placeBefore(ref);
  }

  fits(place: LogPlace): boolean {
    return this.#core.state.eras.fits(place, this.#end());
  }

  entryAt(ref: LocalRef): Entry | undefined {
    this.#requireOpen();
    const { dag } = this.#core.state;
    return takesEffect(dag.index.entry(ref), this.#core.state)
      ? this.#core.reader.entry(dag.index, ref)
      : undefined;
  }

  changed(signal?: AbortSignal): Promise<void> {
    this.#requireOpen();
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal?.addEventListener('abort', done, { once: true });
      if (signal?.aborted) done();
    });
  }

  slice(): TimeSlice {
    return new TimeSlice(this.#core.options.timers);
  }

  /** Whoever waits hears that the store is closed. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** What was committed: memory is ahead of it for a moment when a transaction fails. */
  #end(): LocalRef {
    this.#requireOpen();
    return this.#core.state.meta.cursor.nextRef;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new LatticeError('store-closed', 'The store has been closed: open it again.');
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}
