import { type IdKey, idKey, type NodeId, type Timers } from '@lattice/model';
import type { Discovery, DiscoveryHost, OpenDiscovery, PeerAddress } from '@lattice/net-types';

/** How long an address is tried that was announced: as long as announcements are good for. */
const goodForMs = 120_000;

export interface NearbyPeersOptions extends Omit<DiscoveryHost, 'found'> {
  readonly open: OpenDiscovery;
  readonly timers: Timers;
  /** There is news of where that peer is. */
  readonly onFound: (peer: NodeId) => void;
}

/**
 * Where peers are said to be on the links that this node shares with them. Apart from the address book, as anybody on a link can
 * announce anything: such an address gets into the book only from the peer itself, over a connection.
 */
export class NearbyPeers implements AsyncDisposable {
  readonly #timers: Timers;
  readonly #found = new Map<IdKey, { readonly direct: readonly string[]; readonly untilMs: number }>();
  readonly #discovery: Discovery;

  constructor({ open, timers, onFound, ...host }: NearbyPeersOptions) {
    this.#timers = timers;
    this.#discovery = open({
      ...host,
      found: ({ nodeId, direct }: PeerAddress) => {
        this.#forgetOld();
        this.#found.set(idKey(nodeId), { direct, untilMs: timers.monotonicMs() + goodForMs });
        onFound(nodeId);
      },
    });
  }

  directOf(peer: NodeId): readonly string[] {
    this.#forgetOld();
    return this.#found.get(idKey(peer))?.direct ?? [];
  }

  /** To be called when this node's addresses or peers have changed. */
  review(): void {
    this.#discovery.review();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discovery[Symbol.asyncDispose]();
  }

  #forgetOld(): void {
    const now = this.#timers.monotonicMs();
    for (const [key, { untilMs }] of this.#found) if (untilMs <= now) this.#found.delete(key);
  }
}
