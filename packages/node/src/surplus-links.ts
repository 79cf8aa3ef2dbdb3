import { type IdKey, idKey, type NodeId, type Timers } from '@lattice/model';
import type { PeerLink } from '@lattice/net';

/** Why such a connection is closed: who is told so knows that the other is not gone. */
export const partingReason = 'no neighbor any more';

/** How long a connection is kept that no overlay wants: what it was made for may be going on, and it may be wanted yet. */
const unwantedMs = 10_000;

export interface SurplusLinksOptions {
  readonly timers: Timers;
  readonly links: () => readonly PeerLink[];
  readonly wanted: () => readonly NodeId[];
}

/**
 * Closes connections with members that no overlay wants any more: of an exchange that is over, with whom has left the view, or of
 * before the mesh was large. One over which a sync goes is left until that is over. Where all are wanted, there is nothing to do.
 */
export class SurplusLinks implements Disposable {
  readonly #options: SurplusLinksOptions;
  /** Since when. */
  readonly #unwanted = new Map<PeerLink, number>();
  #cancel: (() => void) | undefined;
  #isOver = false;

  constructor(options: SurplusLinksOptions) {
    this.#options = options;
  }

  /** To be called when it is others that are wanted, and when a mesh has come to be shared over a connection. */
  review(): void {
    if (this.#isOver) return;
    const { timers, links, wanted } = this.#options;
    const nowMs = timers.monotonicMs();
    const keys = new Set<IdKey>(wanted().map(idKey));
    const surplus = new Set(links().filter((link) => link.sharesAny && !keys.has(idKey(link.peer))));
    for (const link of this.#unwanted.keys()) if (!surplus.has(link)) this.#unwanted.delete(link);
    for (const link of surplus) {
      const sinceMs = this.#unwanted.get(link) ?? nowMs;
      this.#unwanted.set(link, sinceMs);
      if (nowMs - sinceMs >= unwantedMs && !link.isSyncing) link.close(partingReason);
    }
    this.#sleep(nowMs);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#cancel?.();
  }

  #sleep(nowMs: number): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#unwanted.size === 0) return;
    const nextMs = Math.min(...this.#unwanted.values()) + unwantedMs - nowMs;
    this.#cancel = this.#options.timers.after(Math.max(retryMs, nextMs), () => this.review());
  }
}

/** When one that was busy is looked at again. */
const retryMs = 1_000;
