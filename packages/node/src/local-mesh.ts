import { Replica } from '@lattice/kernel';
import {
  assert,
  type Bundle,
  idKey,
  type IdKey,
  LatticeError,
  type MeshGenesis,
  genesisRandomBytes,
  type NodeId,
  nodeIdFromText,
  type StoreId,
  storeUuid,
  toHex,
} from '@lattice/model';
import {
  checkName,
  type CreateStoreOp,
  encodeToken,
  type Member,
  meshMachine,
  type MeshOp,
  type MeshView,
  newInvite,
  storeGenesis,
} from '@lattice/meshstore';
import type { LinkSyncReport, PeerLink } from '@lattice/net';
import type { PeerAddress } from '@lattice/net-types';
import { encodeGenesis, isStoreType } from '@lattice/proto';
import type { StoreStorage } from '@lattice/storage';
import type { NodeContext } from './context.js';
import { findByName } from './find-by-name.js';
import { ReplicaLinkStore } from './link-store.js';
import { heedHistory, type LocalStore } from './local-store.js';
import { requireMachine } from './machines.js';
import { Membership } from './membership.js';
import { MeshLink } from './mesh-link.js';
import { MeshStores, requireStore } from './mesh-stores.js';
import type { PeerManager } from './peer-manager.js';
import type { OwnFork } from './node-warnings.js';
import { peerStatuses } from './peer-statuses.js';
import type { Invite, Mesh, MeshStatus, PeerStatus, RevokeReport, SyncReport } from './public.js';
import { isOverruled, revokeAfterNow } from './revocation.js';

const inviteLifeMs = 24 * 60 * 60 * 1000;
/** Members that a token names: this node, and others that were seen lately. */
const tokenMembersMax = 4;
const inviteAddressesMax = 8;

/** A mesh that this node takes part in. */
export class LocalMesh implements Mesh, AsyncDisposable {
  readonly id: StoreId;
  readonly uuid: string;
  readonly link: MeshLink;
  readonly #context: NodeContext;
  readonly #peers: PeerManager;
  readonly #replica: Replica;
  readonly #membership: Membership;
  readonly #stores: MeshStores;
  readonly #vouchedFor = new Set<IdKey>();

  static async open(
    context: NodeContext,
    peers: PeerManager,
    genesis: MeshGenesis,
    storage: StoreStorage,
  ): Promise<LocalMesh> {
    const { key, hlc: clock, timers } = context;
    const replica = await Replica.open({
      genesis,
      storage,
      machine: meshMachine,
      projectUncounted: true,
      key,
      clock,
      timers,
    });
    heedHistory(replica, context);
    let mesh: LocalMesh | undefined;
    const membership = await Membership.open(replica, async (view, before) => mesh?.follow(view, before));
    mesh = new LocalMesh(context, peers, replica, membership);
    for (const store of await mesh.#stores.follow(membership.view, undefined)) mesh.#serve(store);
    return mesh;
  }

  private constructor(context: NodeContext, peers: PeerManager, replica: Replica, membership: Membership) {
    this.id = replica.id;
    this.uuid = storeUuid(replica.id);
    this.#context = context;
    this.#peers = peers;
    this.#replica = replica;
    this.#membership = membership;
    this.#stores = new MeshStores(context, {
      mesh: this,
      nameOf: (store) => membership.view.stores.get(idKey(store))?.name ?? '',
      requireMember: () => this.#requireMember(),
      sync: (store, signal) => this.#syncStore(store, signal),
    });
    this.link = new MeshLink({
      meshStore: new ReplicaLinkStore(replica, context.hlc, (bundle) => this.#allCount(bundle)),
      membership,
      genesis: encodeGenesis(replica.genesis),
      clock: context.hlc,
      stores: () => this.#stores.all().map((store) => store.link),
      addresses: () => peers.addressesOf(this.memberIds()),
      learn: (addresses) => peers.learn(addresses),
      isVouchedFor: (node) => this.#vouchedFor.has(idKey(node)),
    });
    replica.onCommit((commit) => {
      peers.spread(this.id, this.link.meshStore, commit);
      peers.noteHoldings(this.id);
    });
  }

  get name(): string {
    return this.#membership.view.name;
  }

  get view(): MeshView {
    return this.#membership.view;
  }

  /** Nodes that are members now, this one among them if it is. */
  memberIds(): readonly NodeId[] {
    const members = [...this.view.members.values()].filter((member) => member.status === 'member');
    return members.map((member) => member.nodeId);
  }

  status(): MeshStatus {
    const others = this.memberIds().filter((node) => this.#peers.linkWith(node)?.shares(this.id));
    return {
      id: this.id,
      name: this.name,
      members: this.memberIds().length,
      online: others.length,
      stores: this.#stores.all().length,
      digest: this.#replica.digest(),
    };
  }

  /** Writes what a new mesh begins with: names, and the first store. */
  async found(name: string | undefined, nodeName: string | undefined): Promise<LocalStore> {
    const first = this.#newStore('kv', 'main');
    const operations: MeshOp[] = [first];
    if (nodeName) operations.unshift({ kind: 'nameNode', name: checkName(nodeName) });
    if (name) operations.unshift({ kind: 'nameMesh', name: checkName(name) });
    await this.#membership.write(...operations);
    return requireStore(this.#stores, storeGenesis(this.id, first).id);
  }

  async createInvite({
    expiresInMs = inviteLifeMs,
  }: { readonly expiresInMs?: number } = {}): Promise<Invite> {
    this.#requireMember();
    if (!(expiresInMs > 0))
      throw new LatticeError(
        'expiry-invalid',
        'An invite must last for some time: give a positive duration.',
      );
    const { secret, publicKey } = newInvite(this.#context.random);
    const expiryMs = Math.floor(this.#context.clock.nowMs() + expiresInMs);
    await this.#membership.write({ kind: 'invite', publicKey, role: 'member', expiryMs });
    const token = encodeToken({ mesh: this.id, secret, expiryMs, members: this.#reachableMembers() });
    return { token, expiresAtMs: expiryMs };
  }

  peers(): readonly PeerStatus[] {
    const stores = [this.link.meshStore, ...this.link.stores()];
    return peerStatuses({
      mesh: this.id,
      view: this.view,
      stores,
      context: this.#context,
      peers: this.#peers,
    });
  }

  async revoke(node: NodeId, { signal }: { readonly signal?: AbortSignal } = {}): Promise<RevokeReport> {
    this.#requireStandingAgainst(node);
    const member = this.view.members.get(idKey(node));
    if (!member)
      throw new LatticeError(
        'member-not-found',
        'No such node was ever a member: see "mesh peers" for those who are.',
      );
    const synced = await this.#syncAll(signal);
    if (signal?.aborted)
      throw new LatticeError('aborted', 'Revoking was cancelled: the node is as much a member as before.');
    this.#requireStandingAgainst(node);
    const keptBefore = this.#keptInAll();
    const others = this.#stores.all().map((store) => store.replica);
    await this.#membership.write(
      revokeAfterNow(node, this.#context.key.nodeId, this.view, { meshStore: this.#replica, others }),
    );
    await this.#stores.adopted();
    return { cutEntries: Math.max(0, keptBefore - this.#keptInAll()), synced };
  }

  member(idOrName: string): NodeId {
    const members = [...this.view.members.values()];
    return findByName(members, idOrName, {
      what: 'member',
      id: (member: Member) => toHex(member.nodeId),
      name: (member: Member) => member.name,
      hint: 'see "mesh peers" for those who are',
    }).nodeId;
  }

  async createStore({
    type = 'kv',
    name,
  }: { readonly type?: string; readonly name?: string } = {}): Promise<LocalStore> {
    this.#requireMember();
    if (!isStoreType(type))
      throw new LatticeError('store-type-invalid', `"${type}" is no store type: use one such as "kv".`);
    requireMachine(type);
    const op = this.#newStore(type, checkName(name ?? this.#freeName(type)));
    await this.#membership.write(op);
    return requireStore(this.#stores, storeGenesis(this.id, op).id);
  }

  stores(): readonly LocalStore[] {
    return this.#stores.all();
  }

  store(idOrName: string): LocalStore {
    return findByName(this.stores(), idOrName, {
      what: 'store',
      id: (store) => store.uuid,
      name: (store) => store.name,
      hint: 'see "store list" for those that there are',
    });
  }

  /** Whether that is this mesh's own store, or one that it lists. */
  hasStore(store: IdKey): boolean {
    return store === idKey(this.id) || this.#stores.all().some((one) => idKey(one.id) === store);
  }

  /** The stores in which this node's own history has parted, and into how many. */
  ownForks(): readonly OwnFork[] {
    const branchesIn = (replica: Replica) => replica.status().forks.get(idKey(this.#context.key.nodeId)) ?? 1;
    const all = [
      { store: `the mesh "${this.name}" itself`, branches: branchesIn(this.#replica) },
      ...this.stores().map(({ name, replica }) => ({
        store: `the store "${name}"`,
        branches: branchesIn(replica),
      })),
    ];
    return all.filter((one) => one.branches > 1);
  }

  /** Trusts the members that a token names, until the mesh store itself says who is one. */
  vouchFor(nodes: readonly NodeId[]): void {
    for (const node of nodes) this.#vouchedFor.add(idKey(node));
  }

  /** Whether this node is a member as far as it knows. */
  get isJoined(): boolean {
    return this.view.isMember(this.#context.key.nodeId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#membership.close();
    await this.#stores[Symbol.asyncDispose]();
    await this.#replica[Symbol.asyncDispose]();
  }

  /** Brings everything in line with what the mesh store says now. */
  async follow(view: MeshView, before: MeshView): Promise<void> {
    if (this.isJoined) this.#vouchedFor.clear();
    const opened = await this.#stores.follow(view, before);
    for (const store of opened) this.#serve(store);
    this.#announceMembers(view, before);
    this.#peers.reviewMembers();
    for (const link of this.#peers.linksSharing(this.id))
      for (const store of opened) void link.sync(store.link);
  }

  #serve(store: LocalStore): void {
    const { events } = this.#context;
    store.replica.onCommit((commit) => {
      // What does not count is not this node's to pass on.
      if (commit.counts) this.#peers.spread(this.id, store.link, commit);
      this.#peers.noteHoldings(this.id);
      events.emit({ kind: 'store-changed', store: store.id, entries: commit.bundle.entries.length });
      for (const author of commit.forked)
        events.emit({ kind: 'fork-seen', store: store.id, author: nodeIdFromText(author) });
    });
  }

  #announceMembers(view: MeshView, before: MeshView): void {
    const { events } = this.#context;
    for (const [key, { nodeId: peer, name, status }] of view.members) {
      const was = before.members.get(key)?.status;
      if (status === was) continue;
      events.emit({
        kind: status === 'member' ? 'member-joined' : 'member-revoked',
        mesh: this.id,
        peer,
        name,
      });
    }
  }

  async #allCount(bundle: Bundle): Promise<boolean> {
    await this.#membership.settled();
    return bundle.chains.every((chain) => this.view.isMember(chain.author));
  }

  #syncStore(store: LocalStore, signal: AbortSignal | undefined): Promise<readonly SyncReport[]> {
    return this.#peers.syncWithAll(this, (link) => link.sync(store.link), signal);
  }

  /** Whether anybody was reached. */
  async #syncAll(signal: AbortSignal | undefined): Promise<boolean> {
    const reports = await this.#peers.syncWithAll(this, (link) => this.#syncWith(link), signal);
    return reports.some((report) => report.failure === undefined);
  }

  async #syncWith(link: PeerLink): Promise<LinkSyncReport> {
    const reports = await link.syncMesh(this.link);
    const [first] = reports;
    assert(first, 'the mesh store is synced first');
    return reports.find((report) => report.failure !== undefined) ?? first;
  }

  #keptInAll(): number {
    return this.#stores.all().reduce((sum, store) => sum + store.status().entries, 0);
  }

  #newStore(type: string, name: string): CreateStoreOp {
    return { kind: 'createStore', type, random: this.#context.random.bytes(genesisRandomBytes), name };
  }

  #freeName(type: string): string {
    const taken = new Set(this.stores().map((store) => store.name));
    let number = 1;
    while (taken.has(`${type}-${number}`)) number++;
    return `${type}-${number}`;
  }

  #reachableMembers(): readonly PeerAddress[] {
    const addresses = this.#peers.addressesOf(this.memberIds()).slice(0, tokenMembersMax);
    return addresses.map((address) => ({ ...address, direct: address.direct.slice(0, inviteAddressesMax) }));
  }

  /** A member may revoke; so may a senior whom a junior has revoked, since of two that revoke each other it prevails. */
  #requireStandingAgainst(node: NodeId): void {
    if (!isOverruled(this.#context.key.nodeId, node, this.view)) this.#requireMember();
  }

  #requireMember(): void {
    if (this.isJoined) return;
    throw new LatticeError(
      'not-a-member',
      'This node is no member of that mesh any more: join again with a new node to write there.',
    );
  }
}
