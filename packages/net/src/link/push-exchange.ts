import type { NodeId } from '@lattice/model';
import type { wire } from '@lattice/proto';
import type { ControlChannel } from './control-channel.js';
import { findStore } from './find-store.js';
import type { LinkHost, LinkMesh, LinkStore } from './link-host.js';
import type { Standing } from './standing.js';

export interface PushExchangeOptions {
  readonly peer: NodeId;
  readonly host: LinkHost;
  readonly standing: Standing;
  /** Once it stands. */
  readonly control: () => ControlChannel | undefined;
  readonly sync: (store: LinkStore) => void;
  readonly syncMesh: (mesh: LinkMesh) => void;
  /** The peer broke the protocol. */
  readonly onBlame: (reason: string) => void;
}

/** New bundles, as they are pushed either way; what cannot be pushed or placed comes with a sync. */
export class PushExchange {
  readonly #options: PushExchangeOptions;
  readonly #behind = new Set<LinkStore>();

  constructor(options: PushExchangeOptions) {
    this.#options = options;
  }

  /** A round of 0: not along a tree. Where the peer is too slow, a sync follows later. */
  push(store: LinkStore, bundle: Uint8Array, round: number): void {
    const control = this.#options.control();
    if (!control || control.push(store.id, bundle, round) || this.#behind.has(store)) return;
    this.#behind.add(store);
    void control.flush().then(
      () => {
        this.#behind.delete(store);
        this.#options.sync(store);
      },
      () => undefined,
    );
  }

  async hear(push: wire.Push): Promise<void> {
    const { host, peer, standing, sync, syncMesh, onBlame } = this.#options;
    const shared = standing.shared();
    const found = findStore(shared, push.store);
    if (!found) {
      // Of a store that was deleted, as the peer will hear; or of one not heard of yet, which the mesh store knows.
      if (!shared.some((mesh) => mesh.hasDeleted(push.store))) for (const mesh of shared) syncMesh(mesh);
      return;
    }
    const { mesh, store } = found;
    if (push.round > 0 && !host.isNews(mesh, store, peer, push)) return;
    const outcome = await store.admit(push.bundle, peer);
    if (outcome.kind === 'invalid') onBlame(outcome.reason);
    else if (outcome.kind !== 'taken' || outcome.waits) sync(store);
  }
}
