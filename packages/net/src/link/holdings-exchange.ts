import { idKey, type IdKey, type Timers, toHex } from '@lattice/model';
import { MalformedError, type wire } from '@lattice/proto';
import { Allowance } from './allowance.js';
import { fromWireHoldings, holdingsMax, toWireHoldings } from './holdings.js';
import type { LinkStore, StoreHolding } from './link-host.js';

const tellEveryMs = 1_000;
/** How often a sync's outcome is told at once; what is more waits for the next second. */
const atOnceMax = 8;
/** How often a peer may tell: far more often than it does. */
const hearing = { burst: 64, everyMs: 250 };

export interface HoldingsExchangeOptions {
  readonly timers: Timers;
  /** Of the meshes that are shared now. */
  readonly stores: () => readonly LinkStore[];
  readonly send: (holdings: wire.Holdings) => void;
  /** The peer, with which some mesh is shared, holds this. Whether the stores are of that mesh is not looked at. */
  readonly onHeard: (holdings: readonly StoreHolding[]) => void;
}

/**
 * Two peers tell each other what they hold, and again what has changed: at whole seconds of the process's time. So all links speak
 * in the same breath, and a digest, which costs as much as a store has tips, is computed once for all of them.
 */
export class HoldingsExchange implements Disposable {
  readonly #options: HoldingsExchangeOptions;
  readonly #atOnce: Allowance;
  readonly #hearing: Allowance;
  /** Digests as they were told last. */
  readonly #told = new Map<IdKey, string>();
  #cancel: (() => void) | undefined;
  #isOver = false;

  constructor(options: HoldingsExchangeOptions) {
    this.#options = options;
    this.#atOnce = new Allowance(options.timers, { burst: atOnceMax, everyMs: tellEveryMs });
    this.#hearing = new Allowance(options.timers, hearing);
  }

  /** Something may have changed: it is told within a second. */
  noteChange(): void {
    if (this.#isOver) return;
    const { timers } = this.#options;
    this.#cancel ??= timers.after(tellEveryMs - (timers.monotonicMs() % tellEveryMs), () => this.#tell());
  }

  /** A sync is over: the peer hears at once what came of it, since one of the two may be about to leave. */
  noteSync(): void {
    if (this.#atOnce.take()) this.#tell();
    else this.noteChange();
  }

  /** The peer may have passed over what it was told, not having the mesh yet: it is told all again. */
  startOver(): void {
    this.#told.clear();
    this.noteChange();
  }

  /** The peer has told something. Throws `MalformedError`, also where it tells too much. */
  hear(holdings: wire.Holdings): void {
    if (!this.#hearing.take()) throw new MalformedError('it says too often what it holds');
    const heard = fromWireHoldings(holdings);
    if (this.#options.stores().length > 0) this.#options.onHeard(heard);
  }

  /** Nothing is told any more. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#cancel?.();
  }

  #tell(): void {
    if (this.#isOver) return;
    this.#cancel?.();
    this.#cancel = undefined;
    const changed: StoreHolding[] = [];
    for (const store of this.#options.stores()) {
      const digest = store.digest();
      if (this.#told.get(idKey(store.id)) === toHex(digest)) continue;
      if (changed.length === holdingsMax) {
        this.noteChange();
        break;
      }
      this.#told.set(idKey(store.id), toHex(digest));
      changed.push({ store: store.id, digest, entries: store.entries() });
    }
    if (changed.length > 0) this.#options.send(toWireHoldings(changed));
  }
}
