import { idKey, type IdKey, type NodeId, type StoreId } from '@lattice/model';
import type { wire } from '@lattice/proto';
import type { LocalMesh } from './local-mesh.js';
import { MeshOverlay, type OverlayPorts } from './mesh-overlay.js';

/** The overlays of all meshes of this node; it is connected with whom any of them wants. */
export class Overlays implements Disposable {
  readonly #meshes: () => readonly LocalMesh[];
  readonly #ports: OverlayPorts;
  readonly #overlays = new Map<IdKey, MeshOverlay>();

  constructor(meshes: () => readonly LocalMesh[], ports: OverlayPorts) {
    this.#meshes = meshes;
    this.#ports = ports;
  }

  /** To be called once the network has started, and when members came or went. */
  review(): void {
    for (const mesh of this.#meshes()) this.#of(mesh).review();
  }

  /** Whoever is in several of the meshes may be there several times. */
  wanted(): readonly NodeId[] {
    return this.#meshes().flatMap((mesh) => this.#overlays.get(idKey(mesh.id))?.wanted() ?? []);
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

  isNews(mesh: StoreId, store: StoreId, from: NodeId, push: wire.Push): boolean {
    return this.#overlays.get(idKey(mesh))?.isNews(store, from, push) ?? true;
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
    const overlay = new MeshOverlay(mesh, this.#ports);
    this.#overlays.set(idKey(mesh.id), overlay);
    return overlay;
  }
}
