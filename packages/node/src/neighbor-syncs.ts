import type { IdKey, Timers } from '@lattice/model';
import type { LinkMesh, PeerLink } from '@lattice/net';

/** What came by a sync is synced on when no more of it has come for so long. */
const quietMs = 1_000;
/** How often a peer can bring about a sync by announcing what it then does not give. */
const gapEveryMs = 5_000;

export interface NeighborSyncsOptions {
  readonly timers: Timers;
  readonly mesh: LinkMesh;
  readonly linkWith: (peer: IdKey) => PeerLink | undefined;
  /** The peers in view. */
  readonly neighbors: () => readonly IdKey[];
}

/** Syncs with peers in view, beside those of each connection at its start and from time to time. */
export class NeighborSyncs {
  readonly #options: NeighborSyncsOptions;
  readonly #gaps = new Map<IdKey, number>();
  #cancel: (() => void) | undefined;

  constructor(options: NeighborSyncsOptions) {
    this.#options = options;
  }

  /** With a peer that has come into view: what was told before that went past it. One of the two begins. */
  withNew(peer: IdKey): void {
    const link = this.#options.linkWith(peer);
    if (link?.dialled) void link.syncMesh(this.#options.mesh);
  }

  /** With a peer that has announced what nobody gave. */
  afterGap(peer: IdKey): void {
    const nowMs = this.#options.timers.monotonicMs();
    for (const [one, atMs] of this.#gaps) if (atMs + gapEveryMs <= nowMs) this.#gaps.delete(one);
    if (this.#gaps.has(peer)) return;
    this.#gaps.set(peer, nowMs);
    void this.#options.linkWith(peer)?.syncMesh(this.#options.mesh);
  }

  /** With all of them, once no more comes by a sync: where they have it, that costs a comparison of digests. */
  soon(): void {
    this.#cancel?.();
    this.#cancel = this.#options.timers.after(quietMs, () => {
      this.#cancel = undefined;
      for (const peer of this.#options.neighbors())
        void this.#options.linkWith(peer)?.syncMesh(this.#options.mesh);
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
