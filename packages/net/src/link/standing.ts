import { type NodeId, type StoreId, toHex } from '@lattice/model';
import { MalformedError } from '@lattice/proto';
import type { LinkHost, LinkMesh } from './link-host.js';
import { meshTag, meshTagKey } from './mesh-tag.js';

/** How many meshes a peer may say that it shares. */
const tagsMax = 1_024;

/** Which meshes this node and one peer share: each shows the other only those of which it believes it a member. */
export class Standing {
  readonly #host: LinkHost;
  readonly #peer: NodeId;
  readonly #asking = new Map<string, StoreId>();
  #shown = new Set<string>();
  /** Of each mesh, computed once: they are asked for with every message. */
  readonly #peersTags = new WeakMap<LinkMesh, string>();

  constructor(host: LinkHost, peer: NodeId) {
    this.#host = host;
    this.#peer = peer;
  }

  /** What to show the peer. */
  tags(): Uint8Array[] {
    const ids = new Map<string, StoreId>(this.#asking);
    for (const mesh of this.#trusted()) ids.set(toHex(mesh.id), mesh.id);
    return [...ids.values()].map((id) => meshTag(id, this.#host.self, this.#peer));
  }

  /** What the peer shows; replaces what it showed before. Throws `MalformedError`. */
  see(tags: readonly Uint8Array[]): void {
    if (tags.length > tagsMax) throw new MalformedError(`it shows over ${tagsMax} meshes`);
    this.#shown = new Set(tags.map(toHex));
  }

  /** This node asks to be admitted to that mesh, of which a token says that the peer is a member. */
  ask(mesh: StoreId): void {
    this.#asking.set(toHex(mesh), mesh);
  }

  stopAsking(mesh: StoreId): void {
    this.#asking.delete(toHex(mesh));
  }

  /** The mesh that this node asks to be admitted to and the peer means by a tag. */
  asked(tag: Uint8Array): StoreId | undefined {
    const isMeant = (mesh: StoreId) => meshTagKey(mesh, this.#peer, this.#host.self) === toHex(tag);
    return [...this.#asking.values()].find(isMeant);
  }

  /** Whether this node believes the peer a member of none of its meshes. */
  get isStranger(): boolean {
    return !this.#host.meshes().some((mesh) => mesh.isMember(this.#peer));
  }

  /** Meshes of which either believes the other a member. */
  shared(): readonly LinkMesh[] {
    return this.#trusted().filter((mesh) => this.#shown.has(this.#peersTag(mesh)));
  }

  /** Meshes of which this node believes the peer a member, and the peer does not say the same. */
  unanswered(): readonly LinkMesh[] {
    return this.#trusted().filter((mesh) => !this.#shown.has(this.#peersTag(mesh)));
  }

  /** The mesh that the peer means by a tag, whether or not it is a member. */
  meant(tag: Uint8Array): LinkMesh | undefined {
    return this.#host.meshes().find((mesh) => this.#peersTag(mesh) === toHex(tag));
  }

  #trusted(): readonly LinkMesh[] {
    return this.#host.meshes().filter((mesh) => mesh.isMember(this.#peer));
  }

  #peersTag(mesh: LinkMesh): string {
    const known = this.#peersTags.get(mesh);
    if (known !== undefined) return known;
    const tag = meshTagKey(mesh.id, this.#peer, this.#host.self);
    this.#peersTags.set(mesh, tag);
    return tag;
  }
}
