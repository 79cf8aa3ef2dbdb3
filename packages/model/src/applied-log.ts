import type { Entry } from './entry.js';
import type { LocalRef } from './state-machine.js';

/**
 * A place in the order in which this node applied a store's entries, to come back to. It says nothing to other nodes, and
 * nothing to this one once its state was built anew.
 */
export interface LogPlace {
  /** Names the run of entries, unbroken, that the last one before the place was applied in. 8 bytes, all 0 where there is none. */
  readonly era: Uint8Array;
  /** The first entry behind the place. */
  readonly nextRef: LocalRef;
}

/**
 * What was applied, in order, for those who follow a state at their own pace: it keeps nothing for them. What it has is
 * durable and visible to reads. Everything but `slice` throws `store-closed` once the store is closed.
 */
export interface AppliedLog {
  /** The place behind everything that the state has now. */
  end(): LogPlace;
  /** The place before an entry that is here, or behind the last one. */
  placeBefore(ref: LocalRef): LogPlace;
  /** Whether the state still has what is before that place, and came to be in that order. */
  fits(place: LogPlace): boolean;
  /** The entry at that place of the order; `undefined` where it does not count and was not applied. Throws `log-damaged`. */
  entryAt(ref: LocalRef): Entry | undefined;
  /** Resolves after the next change of the state, or once the signal is aborted, or the store closed. */
  changed(signal?: AbortSignal): Promise<void>;
  /** For reading much: how long it may keep the event loop. */
  slice(): Slice;
}

export interface Slice {
  readonly isOver: boolean;
  /** Lets others run if the slice is over, and begins another. */
  rest(): Promise<void>;
}
