import { idKey, type IdKey, type NodeId, type StoreId } from '@lattice/model';
import type { PeerLink } from '@lattice/net';
import type { PeerAddress } from '@lattice/net-types';
import type { wire } from '@lattice/proto';
import type { NodeContext } from './context.js';
import type { LocalMesh } from './local-mesh.js';
import { MeshOverlay } from './mesh-overlay.js';

export interface OverlaysOptions {
  readonly context: NodeContext;
  readonly meshes: () => readonly LocalMesh[];
  readonly linkWith: (peer: NodeId) => PeerLink | undefined;
  /** Whether anything is known of where the peer may be. */
  readonly isReachable: (peer: NodeId) => boolean;
  /** Where these were found, as far as that is known for certain. */
  readonly addressesOf: (nodes: readonly NodeId[]) => readonly PeerAddress[];
  /** It is other peers now that are to be connected. */
  readonly onWanted: () => void;
}

/** The overlays of all meshes of this node; it is connected with whom any of them wants. */
export class Overlays implements Disposable {
  readonly #options: OverlaysOptions;
  readonly #overlays = new Map<IdKey, MeshOverlay>();

  constructor(options: OverlaysOptions) {
    this.#options = options;
  }

  /** To be called once the network has started, and when members came or went. */
  review(): void {
    for (const mesh of this.#options.meshes()) this.#of(mesh).review();
  }

  wanted(): readonly NodeId[] {
    const wanted = this.#options
      .meshes()
      .flatMap((mesh) => this.#overlays.get(idKey(mesh.id))?.wanted() ?? []);
    return [...new Map(wanted.map((node) => [idKey(node), node])).values()];
  }

  /** Whether the mesh is too large for all to be connected with all. */
  isLarge(mesh: StoreId): boolean {
    return this.#overlays.get(idKey(mesh))?.isLarge === true;
  }

  /** The overlay along which what is new in that mesh goes; where there is none, everybody is told who is connected. */
  spreading(mesh: StoreId): MeshOverlay | undefined {
    const overlay = this.#overlays.get(idKey(mesh));
    return overlay?.isSpreading ? overlay : undefined;
  }

  /** A connection with a peer has come to share the mesh, or does not any more. */
  changed(mesh: StoreId, peer: NodeId, isConnected: boolean): void {
    const overlay = this.#overlays.get(idKey(mesh));
    if (isConnected) overlay?.connected(peer);
    else overlay?.disconnected(peer);
  }

  /** There is news of where members are. */
  noteAddresses(): void {
    for (const overlay of this.#overlays.values()) overlay.noteAddresses();
  }

  /** Throws `MalformedError`. */
  hear(mesh: StoreId, from: NodeId, message: wire.Gossip): void {
    this.#overlays.get(idKey(mesh))?.hear(from, message);
  }

  isNews(store: StoreId, from: NodeId, push: wire.Push): boolean {
    const mesh = this.#options.meshes().find((one) => one.hasStore(idKey(store)));
    const overlay = mesh && this.#overlays.get(idKey(mesh.id));
    return overlay?.isNews(from, push) ?? true;
  }

  forget(mesh: StoreId): void {
    this.#overlays.get(idKey(mesh))?.[Symbol.dispose]();
    this.#overlays.delete(idKey(mesh));
  }

  [Symbol.dispose](): void {
    for (const overlay of this.#overlays.values()) overlay[Symbol.dispose]();
    this.#overlays.clear();
  }

  #of(mesh: LocalMesh): MeshOverlay {
    const known = this.#overlays.get(idKey(mesh.id));
    if (known) return known;
    const { context, linkWith, isReachable, addressesOf, onWanted } = this.#options;
    const overlay = new MeshOverlay({
      self: idKey(context.key.nodeId),
      mesh,
      clock: context.clock,
      timers: context.timers,
      random: context.random,
      linkWith: (peer) => {
        const link = linkWith(peer);
        return link?.shares(mesh.id) ? link : undefined;
      },
      isReachable,
      addressesOf,
      onWanted,
    });
    this.#overlays.set(idKey(mesh.id), overlay);
    return overlay;
  }
}
