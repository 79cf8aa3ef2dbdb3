import { LatticeError, type NodeId, type StoreId } from '@lattice/model';
import type { Mesh, Node, NodeEvent, NodeStatus, Store } from '@lattice/node';
import { MemoryMesh, type MemoryStore, one } from './memory-mesh.js';

/**
 * A node that keeps everything in memory and knows nobody: for tests of what is built on the interface of a node. The
 * same calls give the same ids.
 */
export class MemoryNode implements Node {
  readonly id = new Uint8Array(32).fill(0xa1) as NodeId;
  /** How often the network was started. */
  networkStarts = 0;
  isClosed = false;
  /** Tokens that can be joined with, and the names of their meshes. */
  readonly tokens = new Map<string, string>();
  readonly #meshes: MemoryMesh[] = [];
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  #selection: { readonly mesh?: MemoryMesh; readonly store?: MemoryStore } = {};
  #ids = 0;

  constructor(private readonly options: { readonly dataDir?: string; readonly version?: string } = {}) {}

  status(): NodeStatus {
    return {
      nodeId: this.id,
      addresses: this.networkStarts > 0 ? ['127.0.0.1:4242'] : [],
      relay: 'off',
      dataDir: this.options.dataDir ?? '/memory',
      version: this.options.version ?? '0.0.0',
      warnings: [],
    };
  }

  async startNetwork(): Promise<void> {
    this.networkStarts++;
  }

  async createMesh({ name = '' } = {}): Promise<MemoryMesh> {
    const mesh = new MemoryMesh(this.#nextId(), name, this.id, () => this.#nextId());
    this.#meshes.push(mesh);
    this.select(mesh, await mesh.createStore({ name: 'main' }));
    return mesh;
  }

  async joinMesh(token: string): Promise<Mesh> {
    const name = this.tokens.get(token);
    if (name === undefined)
      throw new LatticeError(
        'token-invalid',
        'This is no invite token: copy all of it, or ask for another one.',
      );
    return this.createMesh({ name });
  }

  meshes(): readonly MemoryMesh[] {
    return this.#meshes;
  }

  mesh(idOrName: string): MemoryMesh {
    return one(this.#meshes, idOrName, ({ uuid }) => uuid, 'mesh');
  }

  selection(): { readonly mesh?: MemoryMesh; readonly store?: MemoryStore } {
    return this.#selection;
  }

  select(mesh: Mesh, store?: Store): void {
    const own = this.mesh(mesh.uuid);
    this.#selection = { mesh: own, ...(store === undefined ? {} : { store: own.store(store.uuid) }) };
  }

  subscribe(listener: (event: NodeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get subscribers(): number {
    return this.#listeners.size;
  }

  emit(event: NodeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
  }

  #nextId(): StoreId {
    this.#ids++;
    return new Uint8Array(32).fill(this.#ids) as Uint8Array as StoreId;
  }
}
