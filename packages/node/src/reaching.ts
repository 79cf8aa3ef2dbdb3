import { idKey, type NodeId } from '@lattice/model';
import type { PeerLink } from '@lattice/net';
import type { LocalMesh } from './local-mesh.js';
import type { Waits } from './waits.js';

/** How long an explicit sync waits for members that are not connected. */
const reachMaxMs = 5_000;

export interface ReachingOptions {
  readonly waits: Waits;
  readonly linkWith: (peer: NodeId) => PeerLink | undefined;
  /** Who is to be connected, for whatever mesh. */
  readonly wanted: () => readonly NodeId[];
  /** Whether anything is known of where the peer may be. */
  readonly isReachable: (peer: NodeId) => boolean;
  /** Has the peer dialled at once. */
  readonly hint: (peer: NodeId) => void;
}

/** Gives members that are not connected some seconds to be, for whoever has something to tell them now. */
export class Reaching {
  readonly #options: ReachingOptions;

  constructor(options: ReachingOptions) {
    this.#options = options;
  }

  /** All that are to be connected and can be. */
  async members(mesh: LocalMesh, signal: AbortSignal | undefined): Promise<void> {
    const { wanted, isReachable, linkWith, hint } = this.#options;
    // In a large mesh, those that are to be connected anyhow: what they have comes from all.
    const wantedNow = new Set(wanted().map(idKey));
    const meant = mesh.contacts().filter((node) => wantedNow.has(idKey(node)) && isReachable(node));
    const areThere = () => meant.every((node) => linkWith(node)?.shares(mesh.id));
    if (areThere()) return;
    for (const node of meant) if (!linkWith(node)) hint(node);
    await this.#options.waits.until(areThere, reachMaxMs, signal);
  }

  /** One alone, with whom a connection is about to share the mesh. */
  async member(mesh: LocalMesh, peer: NodeId, signal: AbortSignal | undefined): Promise<void> {
    const { waits, linkWith } = this.#options;
    await waits.until(() => linkWith(peer)?.shares(mesh.id) === true, reachMaxMs, signal);
  }
}
