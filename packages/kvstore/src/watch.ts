import { assert, type LocalRef } from '@lattice/model';
import type { KvChanges, KvWatchOptions } from './handle.js';
import type { KvBackend } from './kv-handle.js';
import { decodeCursor, encodeCursor, type WatchPosition } from './watch-cursor.js';
import { Follower } from './watch-follower.js';
import { listOn } from './watch-listing.js';
import { WatchPage } from './watch-page.js';

/** So many operations passed over without a change to tell are worth a cursor of their own. */
const silentStepsMax = 16_384;

/**
 * Tells what changes in a store to one watcher, who pulls: between two pulls there is nothing but a position in the order
 * of what was applied. Long ways are gone in slices, so that nobody else has to wait.
 */
export async function* watchKv(
  backend: KvBackend,
  { prefix = new Uint8Array(0), since, signal }: KvWatchOptions,
): AsyncGenerator<KvChanges, void, undefined> {
  const { applied, id } = backend;
  const watch = new Watch(backend, since);
  const slice = applied.slice();
  let silentSteps = 0;
  for (let isFirst = true; signal?.aborted !== true; await slice.rest()) {
    const page = new WatchPage(backend, prefix, slice);
    const reset = watch.step(page);
    silentSteps += page.steps;
    if (isFirst || reset || page.changes.length > 0 || silentSteps > silentStepsMax) {
      [isFirst, silentSteps] = [false, 0];
      yield { changes: page.changes, cursor: encodeCursor(watch.position, id), reset };
    } else if (watch.isAtEnd) await applied.changed(signal);
  }
}

/** One watcher's way through a store. */
class Watch {
  readonly #backend: KvBackend;
  readonly #follower: Follower;
  #position: WatchPosition;

  constructor(backend: KvBackend, since: string | undefined) {
    this.#backend = backend;
    this.#follower = new Follower(backend);
    this.#position = since === undefined ? this.#end() : decodeCursor(since, backend.id);
  }

  get position(): WatchPosition {
    return this.#position;
  }

  /** Whether there is nothing more to tell for now. */
  get isAtEnd(): boolean {
    const { kind, ref } = this.#position;
    return kind === 'following' && ref === this.#backend.applied.end().nextRef;
  }

  /** Goes on for as long as the page has room: in one go, so that nothing changes meanwhile. Returns whether it began anew. */
  step(page: WatchPage): boolean {
    const reset = !this.#fits();
    if (reset) {
      this.#follower.forget();
      this.#position = { ...this.#end(), kind: 'listing', after: new Uint8Array(0) };
    }
    const from = this.#position;
    this.#position =
      from.kind === 'listing' ? listOn(from, page, this.#backend) : this.#follower.followOn(from, page);
    assert(!reset || this.#fits(), 'where a watch begins anew is a place that there is');
    return reset;
  }

  #fits(): boolean {
    const position = this.#position;
    const isInside = position.kind === 'following' && position.op > 0;
    const nextRef = (isInside ? position.ref + 1 : position.ref) as LocalRef;
    return this.#backend.applied.fits({ era: position.era, nextRef });
  }

  #end(): WatchPosition {
    const { era, nextRef } = this.#backend.applied.end();
    return { kind: 'following', era, ref: nextRef, op: 0 };
  }
}
