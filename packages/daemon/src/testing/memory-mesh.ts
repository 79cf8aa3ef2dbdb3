import { hlcZero, LatticeError, type NodeId, type StoreId, storeUuid, toHex } from '@lattice/model';
import type {
  Invite,
  Kv,
  Mesh,
  MeshStatus,
  PeerStatus,
  RevokeReport,
  Store,
  StoreStatus,
  SyncReport,
} from '@lattice/node';
import { MemoryKv } from './memory-kv.js';

export class MemoryMesh implements Mesh {
  readonly uuid: string;
  readonly #stores: MemoryStore[] = [];
  readonly #others: PeerStatus[] = [];

  constructor(
    readonly id: StoreId,
    readonly name: string,
    readonly self: NodeId,
    private readonly nextId: () => StoreId,
  ) {
    this.uuid = storeUuid(id);
  }

  status(): MeshStatus {
    return {
      id: this.id,
      name: this.name,
      members: this.peers().filter(({ status }) => status === 'member').length,
      online: this.#others.filter(({ online }) => online).length,
      stores: this.#stores.length,
      digest: new Uint8Array(32).fill(this.#stores.length),
    };
  }

  async createInvite({ expiresInMs = 24 * 60 * 60 * 1_000 } = {}): Promise<Invite> {
    return { token: `lattice-${toHex(this.id)}`, expiresAtMs: Date.UTC(2024, 0, 1) + expiresInMs };
  }

  peers(): readonly PeerStatus[] {
    const self = { nodeId: this.self, name: 'me', status: 'member', online: true, self: true, addresses: [] };
    return [self as PeerStatus, ...this.#others];
  }

  addPeer(peer: Omit<PeerStatus, 'self'>): void {
    this.#others.push({ ...peer, self: false });
  }

  async revoke(node: NodeId): Promise<RevokeReport> {
    const at = this.#others.findIndex(({ nodeId }) => nodeId === node);
    const peer = this.#others[at];
    if (peer === undefined) throw new LatticeError('member-self', 'A node cannot revoke itself.');
    this.#others[at] = { ...peer, status: 'revoked', online: false };
    return { cutEntries: 3, synced: peer.online };
  }

  member(idOrName: string): NodeId {
    const peer = one(this.peers(), idOrName, ({ nodeId }) => toHex(nodeId), 'member');
    return peer.nodeId;
  }

  async createStore({ type = 'kv', name = '' } = {}): Promise<Store> {
    if (type !== 'kv' && type !== 'log')
      throw new LatticeError('store-type-unknown', `There is no store type "${type}": use kv.`);
    const store = new MemoryStore(this.nextId(), name, type, this);
    this.#stores.push(store);
    return store;
  }

  stores(): readonly MemoryStore[] {
    return this.#stores;
  }

  store(idOrName: string): MemoryStore {
    return one(this.#stores, idOrName, ({ uuid }) => uuid, 'store');
  }
}

export class MemoryStore implements Store {
  readonly uuid: string;
  readonly memoryKv: MemoryKv;

  constructor(
    readonly id: StoreId,
    readonly name: string,
    readonly type: string,
    readonly mesh: MemoryMesh,
  ) {
    this.uuid = storeUuid(id);
    this.memoryKv = new MemoryKv(mesh.self);
  }

  status(): StoreStatus {
    return {
      storeId: this.id,
      type: this.type,
      entries: this.memoryKv.entries,
      chains: Math.min(1, this.memoryKv.entries),
      pending: 0,
      held: 0,
      forks: [],
      digest: new Uint8Array(32).fill(this.memoryKv.entries),
      needsUpgrade: 0,
      maxTime: hlcZero,
      warnings: [],
    };
  }

  async sync(): Promise<readonly SyncReport[]> {
    return this.mesh
      .peers()
      .filter(({ self }) => !self)
      .map(({ nodeId, online }) => ({
        peer: nodeId,
        sentEntries: this.memoryKv.entries,
        receivedEntries: 0,
        sentBytes: 100,
        receivedBytes: 20,
        roundTrips: 1,
        ms: 1.5,
        ...(online ? {} : { failure: 'offline' }),
      }));
  }

  kv(): Kv {
    if (this.type !== 'kv')
      throw new LatticeError(
        'store-type-mismatch',
        `This is a ${this.type} store: use the commands for that.`,
      );
    return this.memoryKv;
  }
}

/** By name, or by any prefix of its id that only one has. */
export function one<T extends { readonly name: string }>(
  all: readonly T[],
  wanted: string,
  idOf: (item: T) => string,
  what: string,
): T {
  const named = all.filter((item) => item.name === wanted && wanted !== '');
  const [found, ...others] = named.length > 0 ? named : all.filter((item) => idOf(item).startsWith(wanted));
  if (found === undefined) throw new LatticeError(`${what}-not-found`, `There is no ${what} "${wanted}".`);
  if (others.length > 0) throw new LatticeError(`${what}-ambiguous`, `Several are meant by "${wanted}".`);
  return found;
}
