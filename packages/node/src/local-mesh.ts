import type { Replica } from '@lattice/kernel';
import {
  idKey,
  type IdKey,
  LatticeError,
  type MeshGenesis,
  type NodeId,
  type StoreId,
  storeUuid,
  toHex,
} from '@lattice/model';
import { checkName, type Member, type MeshOp, type MeshView } from '@lattice/meshstore';
import { encodeGenesis } from '@lattice/proto';
import type { StoreStorage } from '@lattice/storage';
import type { AsideStore } from './aside-stores.js';
import type { NodeContext } from './context.js';
import { leaving, leavesWhatIsUnlisted, membersLost, notAMember, storeClosed } from './failures.js';
import { findByName } from './find-by-name.js';
import { holeWarnings } from './holes.js';
import { createInvite } from './invites.js';
import { departureIsWritten, type LeaveOptions, syncUntilNothingIsLost, syncWhatCanBe } from './leaving.js';
import { ReplicaLinkStore } from './link-store.js';
import type { LocalStore } from './local-store.js';
import { Membership } from './membership.js';
import { commitEvents, meshEvents } from './mesh-events.js';
import { MeshLink } from './mesh-link.js';
import { openMeshReplica } from './mesh-replica.js';
import { MeshStores } from './mesh-stores.js';
import type { PeerManager } from './peer-manager.js';
import { peerStatuses } from './peer-statuses.js';
import type {
  StoreCheckReport,
  StoreRebuildOptions,
  StoreRebuildReport,
  StoreWorkOptions,
} from './public-care.js';
import type { Invite, LeaveReport, Mesh, MeshStatus, PeerStatus, RevokeReport } from './public.js';
import { revokeAfterNow } from './revocation.js';
import { revokeMember } from './revoking.js';
import { StoreCare } from './store-care.js';
import { StoreList } from './store-list.js';
import { admitSuccessor } from './successor.js';
import { syncStore } from './sync-all.js';
import { Timeliness } from './timeliness.js';
import { Vouched } from './vouched.js';

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
  readonly #list: StoreList;
  readonly #meshStoreLink: ReplicaLinkStore;
  readonly #vouched: Vouched;
  readonly #timeliness: Timeliness;
  readonly #care: StoreCare;
  /** Nothing is written any more, so that the last words name all there is. */
  #isLeaving = false;

  static async open(
    context: NodeContext,
    peers: PeerManager,
    genesis: MeshGenesis,
    storage: StoreStorage,
  ): Promise<LocalMesh> {
    const replica = await openMeshReplica(context, genesis, storage);
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
    this.#care = new StoreCare(context, replica);
    this.#vouched = new Vouched(context.storage.meta, replica.id);
    this.#timeliness = new Timeliness(context, () => this.view);
    this.#review(membership.view);
    this.#stores = new MeshStores(
      context,
      {
        mesh: this,
        nameOf: (store) => membership.view.stores.get(idKey(store))?.name ?? '',
        memberName: (node) => membership.view.members.get(idKey(node))?.name ?? '',
        requireMember: () => this.#requireMember(),
        sync: (store, options) => syncStore(store.link, this, this.#peers, options),
        rename: (store, name) => this.#list.rename(store, name),
        delete: (store) => this.#list.delete(store),
      },
      (opened) => this.#take(opened),
    );
    this.#list = new StoreList({
      mesh: this.id,
      random: context.random,
      membership,
      stores: this.#stores,
      requireMember: () => this.#requireMember(),
    });
    this.#meshStoreLink = new ReplicaLinkStore(replica, context.hlc, async ({ chains }) => {
      await membership.settled();
      return chains.every(({ author }) => this.view.isMember(author));
    });
    this.link = new MeshLink({
      meshStore: this.#meshStoreLink,
      membership,
      genesis: encodeGenesis(replica.genesis),
      clock: context.hlc,
      timers: context.timers,
      stores: () => this.#stores.all().map((store) => store.link),
      addresses: () => peers.addressesOf(this.memberIds()),
      learn: (addresses) => peers.learn(addresses),
      isVouchedFor: (node) => this.#vouched.has(node),
      mayAdmit: () => this.isJoined && !this.#isLeaving && !this.#timeliness.isBeforeAdmission,
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

  /** Whom to be connected with: members and, where damage has lost who they are, those that were members as far as is remembered. */
  contacts(): readonly NodeId[] {
    return [...this.memberIds(), ...this.#vouched.remembered()];
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
      damagedPlaces: [...this.#replica.holes()].length,
      acceptedLosses: this.#care.acceptedLosses,
    };
  }

  check(options: StoreWorkOptions = {}): Promise<StoreCheckReport> {
    return this.#care.check(options);
  }

  async rebuild(options: StoreRebuildOptions = {}): Promise<StoreRebuildReport> {
    const report = await this.#care.rebuild(options);
    await this.#membership.revised();
    // Whether anything is lost of it, no view tells.
    this.#review(this.view);
    this.#peers.reviewMembers();
    return report;
  }

  /** Writes what a new mesh begins with: names, and the first store. */
  async found(name: string | undefined, nodeName: string | undefined): Promise<LocalStore> {
    const first = this.#list.newStore('kv', 'main');
    const operations: MeshOp[] = [first];
    if (nodeName) operations.unshift({ kind: 'nameNode', name: checkName(nodeName) });
    if (name) operations.unshift({ kind: 'nameMesh', name: checkName(name) });
    await this.#membership.write(...operations);
    return this.#list.made(first);
  }

  async createInvite({ expiresInMs }: { readonly expiresInMs?: number } = {}): Promise<Invite> {
    this.#requireMember();
    const named = { peers: this.#peers, members: this.memberIds() };
    return createInvite(this.#membership, this.#context, named, expiresInMs);
  }

  /** Lets the key in that is to take the place of this node's own; see `admitSuccessor`. */
  async admitSuccessor(successor: NodeId, name: string): Promise<void> {
    this.#requireMember();
    await admitSuccessor(successor, name, this.#membership, this.#context);
  }

  peers(): readonly PeerStatus[] {
    const links = [this.#meshStoreLink, ...this.#stores.all().map(({ link }) => link)];
    const stores = links.filter(({ isOpen }) => isOpen);
    const [context, peers] = [this.#context, this.#peers];
    return peerStatuses({ mesh: this.id, view: this.view, stores, context, peers });
  }

  async revoke(node: NodeId, { signal }: { readonly signal?: AbortSignal } = {}): Promise<RevokeReport> {
    const revoker = {
      self: this.#context.key.nodeId,
      mesh: this,
      peers: this.#peers,
      requireMember: () => this.#requireMember(),
      revokeAfterNow: async (other: NodeId) => {
        await this.#revokeAfterNow(other);
        await this.#stores.adopted();
      },
    };
    return revokeMember(node, revoker, signal);
  }

  /** Calls this node so in the mesh, unless it is called so already. */
  async nameNode(name: string): Promise<void> {
    const member = this.view.members.get(idKey(this.#context.key.nodeId));
    if (this.#isLeaving || member?.name === name) return;
    await this.#membership.write({ kind: 'nameNode', name });
  }

  /**
   * Writes and tells that this node is no member any more; `Node.leaveMesh` says when not. `onDecided` is called before the
   * first step that cannot be taken back. Whoever is no member has nobody to tell; whoever never was may join again.
   */
  async leave({ force, signal, onDecided }: LeaveOptions): Promise<LeaveReport> {
    const { hasHoles } = this.#replica;
    if (!force && hasHoles) throw leavesWhatIsUnlisted();
    if (!this.isJoined) {
      if (!this.#wasNeverIn) onDecided();
      return { told: !this.#wasNeverIn && !hasHoles };
    }
    if (!force) this.#requireMember();
    this.#isLeaving = true;
    try {
      // What was being written is still to be synced.
      for (const replica of this.replicas()) await replica.settled();
      const leaver = { mesh: this, meshStore: this.#replica, peers: this.#peers, context: this.#context };
      await (force ? syncWhatCanBe(leaver, signal) : syncUntilNothingIsLost(leaver, signal));
      if (signal.aborted)
        throw new LatticeError('aborted', 'Leaving was cancelled: this node is as much a member as before.');
      onDecided();
      const links = this.#peers.linksSharing(this.id);
      const isWritten = await departureIsWritten(this.#revokeAfterNow(this.#context.key.nodeId), force);
      return { told: isWritten && (await this.#peers.tellDeparture(this, links)) };
    } finally {
      this.#isLeaving = false;
    }
  }

  /** Closes the mesh and removes all of it from the disk, what says that there is a mesh last. */
  async remove(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await this.#stores.removeAll();
    this.#vouched.forget();
    await this.#context.storage.deleteStore(this.uuid);
  }

  /** To be called for a store of this mesh that is found on the disk and was not opened with it. */
  async takeStray(uuid: string): Promise<void> {
    // What lists it may be what was lost.
    if (!this.#replica.hasHoles) await this.#stores.takeStray(uuid);
  }

  /** Of the mesh store itself, and of stores that are listed and could not be opened. */
  warnings(): readonly string[] {
    const holes = holeWarnings(this.#replica.holes(), {
      isHeldUp: this.#replica.status().damaged,
      kind: 'mesh',
    });
    return [
      ...holes.map((text) => `Of the mesh "${this.name}" itself: ${text}`),
      ...this.#stores.unopened.warnings(),
    ];
  }

  /** Data here of stores that are listed no more. */
  asideStores(): readonly AsideStore[] {
    return this.#stores.aside.all();
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
    return this.#list.create(type, name);
  }

  stores(): readonly LocalStore[] {
    return this.#stores.all();
  }

  store(idOrName: string): LocalStore {
    this.#stores.unopened.requireNot(idOrName);
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

  /** Trusts the members that a token names, until the mesh store itself says who is one. */
  vouchFor(nodes: readonly NodeId[]): void {
    this.#vouched.nameAll(nodes);
  }

  /** Whether this node is a member as far as it knows. */
  get isJoined(): boolean {
    return this.view.isMember(this.#context.key.nodeId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#meshStoreLink.close(storeClosed());
    await this.#membership.close();
    await this.#stores[Symbol.asyncDispose]();
    await this.#replica[Symbol.asyncDispose]();
  }

  /** Brings everything in line with what the mesh store says now. */
  async follow(view: MeshView, before: MeshView): Promise<void> {
    this.#review(view);
    const opened = await this.#stores.follow(view, before);
    const { events, key } = this.#context;
    const hasLeft = this.#isLeaving && !this.isJoined;
    if (!hasLeft) for (const event of meshEvents(view, before, key.nodeId)) events.emit(event);
    this.#peers.reviewMembers();
    this.#take(opened);
  }

  /** Stores that were just opened. */
  #take(opened: readonly LocalStore[]): void {
    for (const store of opened) this.#serve(store);
    for (const link of this.#peers.linksSharing(this.id))
      for (const store of opened) void link.sync(store.link);
  }

  #review(view: MeshView): void {
    this.#vouched.follow(view, { isJoined: this.isJoined, isWhole: !this.#replica.hasHoles });
  }

  #serve(store: LocalStore): void {
    store.replica.onCommit((commit) => {
      // What does not count is not this node's to pass on.
      if (commit.counts) this.#peers.spread(this.id, store.link, commit);
      this.#peers.noteHoldings(this.id);
      const { events, key } = this.#context;
      for (const event of commitEvents(store, commit, key.nodeId)) events.emit(event);
    });
  }

  async #revokeAfterNow(node: NodeId): Promise<void> {
    // Cut-offs name what the state has; what only the log has, for want of room, would be cut off.
    for (const replica of this.replicas()) await replica.caughtUp();
    const stores = { meshStore: this.#replica, others: this.replicas().slice(1) };
    await this.#membership.write(revokeAfterNow(node, this.#context.key.nodeId, this.view, stores));
  }

  /** Joining failed half-way, and nothing was signed here, nor may have been: the identity is as good as before. */
  get #wasNeverIn(): boolean {
    const hasWritten = this.#replica.hasHoles || this.replicas().some((replica) => replica.ownSeq() > 0);
    return !hasWritten && !this.view.members.has(idKey(this.#context.key.nodeId));
  }

  /** Of the mesh itself, and of its stores. */
  replicas(): readonly Replica[] {
    return [this.#replica, ...this.#stores.all().map((store) => store.replica)];
  }

  #requireMember(): void {
    if (this.#isLeaving) throw leaving();
    if (!this.isJoined) throw this.#replica.hasHoles ? membersLost() : notAMember();
    this.#timeliness.require();
  }
}
