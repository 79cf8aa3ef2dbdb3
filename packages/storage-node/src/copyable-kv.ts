import type { OrderedKv } from '@lattice/storage';

/** An `OrderedKv` of which copies can be made. */
export interface CopyableKv extends OrderedKv {
  /** Copies what is committed to a file that is not there yet, while commits go on; not synced. */
  copyTo(path: string): Promise<void>;
}

/** One that commits beside the thread that asks it to. */
export interface BackgroundKv extends CopyableKv {
  /**
   * Runs `work`, synchronously, and commits what it writes on another thread: reads show it once this has resolved, or
   * shortly before. No other transaction begins until then, no table is dropped, and none is read in `work`. A rejection
   * means that nothing was changed, and says little of why: `transaction` says more. The bytes it is given must not change.
   */
  transactionAside(work: () => void): Promise<void>;
}
