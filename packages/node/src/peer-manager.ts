import type { Commit } from '@lattice/kernel';
import { compareBytes, equalBytes, type IdKey, idKey, type NodeId, type StoreId } from '@lattice/model';
import { InboundRoom, type LinkHost, type LinkStore, PeerLink } from '@lattice/net';
import type { Connection, PeerAddress, Transport } from '@lattice/net-types';
import { encodeBundle } from '@lattice/proto';
import { AddressBook, type BookEntry, withoutLastSeen } from './address-book.js';
import { Conduct, type Offence } from './conduct.js';
import { dialAddressOf } from './dial-address.js';
import { Dialler } from './dialler.js';
import { Disowning } from './disowning.js';
import { Door } from './door.js';
import { nodeClosed } from './failures.js';
import { type HeardHolding, HoldingsBook } from './holdings-book.js';
import { HoleMending } from './holes.js';
import type { LocalMesh } from './local-mesh.js';
import { NearbyPeers } from './nearby-peers.js';
import type { PeerManagerOptions } from './peer-manager-options.js';
import { Waits } from './waits.js';
import { Wakefulness } from './wakefulness.js';

/** Two connections that stand within so short a time are two dials that crossed; later ones replace a dead one. */
const crossingMs = 5_000;
/** How long an explicit sync waits for members that are not connected. */
const reachMaxMs = 5_000;
/** How long whoever leaves a mesh waits for somebody to hear of it. */
const tellMaxMs = 5_000;

interface Standing {
  readonly link: PeerLink;
  readonly sinceMs: number;
  readonly ended: Promise<void>;
}

/** Connections with the members of this node's meshes: finds them, keeps them, and spreads what is new over them. */
export class PeerManager implements AsyncDisposable {
  readonly disowning = new Disowning();
  readonly #options: PeerManagerOptions;
  readonly #book: AddressBook;
  readonly #holdings: HoldingsBook;
  readonly #holes: HoleMending;
  readonly #conduct: Conduct;
  readonly #dialler: Dialler;
  readonly #door: Door;
  readonly #links = new Map<IdKey, Standing>();
  readonly #room = new InboundRoom();
  readonly #online = new Set<string>();
  readonly #waits: Waits;
  #starting: Promise<Transport> | undefined;
  #transport: Transport | undefined;
  #nearby: NearbyPeers | undefined;
  #wakefulness: Wakefulness | undefined;
  #accepting: Promise<void> = Promise.resolve();
  #failure: string | undefined;
  #closed = false;

  constructor(options: PeerManagerOptions) {
    const { context } = options;
    this.#options = options;
    this.#waits = new Waits(context.timers);
    this.#book = new AddressBook(context.storage.meta);
    this.#holdings = new HoldingsBook({
      meta: context.storage.meta,
      timers: context.timers,
      isKnownStore: (store) => options.meshes().some((mesh) => mesh.hasStore(store)),
    });
    this.#holes = new HoleMending(context, this);
    this.#conduct = new Conduct(context.clock, context.timers);
    this.#dialler = new Dialler({
      timers: context.timers,
      random: context.random,
      addressOf: (peer) => this.#dialAddress(peer),
      isConnected: (peer) => this.linkWith(peer) !== undefined,
      barredMs: (peer) => this.#conduct.of(peer)?.barredMs ?? 0,
      onConnection: (connection) => this.#adopt(connection),
    });
    this.#door = new Door({
      timers: context.timers,
      conduct: this.#conduct,
      members: () => this.#members(),
      guests: () => this.#links,
      onGuest: (connection) => this.#adopt(connection),
    });
  }

  /** Binds the transport. Idempotent; after a failure it can be tried again. */
  async start(): Promise<void> {
    if (this.#closed) throw nodeClosed();
    this.#starting ??= this.#options.openTransport().catch((error: unknown) => {
      this.#starting = undefined;
      this.#failure = error instanceof Error ? error.message : String(error);
      throw error;
    });
    const transport = await this.#starting;
    this.#failure = undefined;
    if (this.#transport || this.#closed) return;
    const { context } = this.#options;
    this.#transport = transport;
    this.#forgetFormerMembers();
    // The subscription goes with the transport, which is this node's own.
    transport.onAddressChange(() => {
      for (const { link } of this.#links.values()) link.tellAddress(transport.address());
      this.#lookAround();
    });
    this.#wakefulness = new Wakefulness({
      clock: context.clock,
      timers: context.timers,
      onAwake: (sleptMs) => {
        context.logger.log('info', 'awake again', { sleptSeconds: Math.round(sleptMs / 1_000) });
        this.#lookAround();
      },
    });
    this.#accepting = this.#door.keep(transport);
    this.#dialler.start(transport);
    this.#lookNearby(transport);
    this.reviewMembers();
  }

  ownAddress(): PeerAddress | undefined {
    return this.#transport?.address();
  }

  /** Why the network could not be started the last time that it was wanted. */
  get failure(): string | undefined {
    return this.#failure;
  }

  known(peer: NodeId): BookEntry | undefined {
    return this.#closed ? undefined : this.#book.get(peer);
  }

  /** What a peer did against the protocol, until it is forgiven. */
  offenceOf(peer: NodeId): Offence | undefined {
    return this.#conduct.of(peer);
  }

  /** What a peer last said that it has of a store. */
  heldBy(peer: NodeId, store: StoreId): HeardHolding | undefined {
    return this.#closed ? undefined : this.#holdings.get(peer, store);
  }

  /** Where these nodes can be reached, as far as is known: this node first, then those connected now, then the rest. */
  addressesOf(nodes: readonly NodeId[]): readonly PeerAddress[] {
    const { nodeId: self } = this.#options.context.key;
    const own = this.ownAddress();
    const rank = (node: NodeId) => (this.linkWith(node) ? 0 : 1);
    const others = nodes.filter((node) => !equalBytes(node, self)).sort((a, b) => rank(a) - rank(b));
    const known = others.map((node) => this.#book.get(node)).filter((entry) => entry !== undefined);
    return [...(own ? [own] : []), ...known.map(withoutLastSeen)];
  }

  learn(addresses: readonly PeerAddress[]): void {
    for (const address of addresses) {
      if (equalBytes(address.nodeId, this.#options.context.key.nodeId)) continue;
      if (this.#book.learn(address) && !this.linkWith(address.nodeId)) this.#dialler.hint(address.nodeId);
    }
  }

  linkWith(peer: NodeId): PeerLink | undefined {
    return this.#links.get(idKey(peer))?.link;
  }

  links(): readonly PeerLink[] {
    return [...this.#links.values()].map(({ link }) => link);
  }

  linksSharing(mesh: StoreId): readonly PeerLink[] {
    return this.links().filter((link) => link.shares(mesh));
  }

  /** To be called when members came or went: tells the peers, and dials whom this node does not know yet. */
  reviewMembers(): void {
    const members = this.#members();
    members.delete(idKey(this.#options.context.key.nodeId));
    const isNew = this.#dialler.want([...members.values()]);
    if (isNew) this.#nearby?.review();
    for (const { link } of this.#links.values()) link.announce();
  }

  /** To be called after every commit to a mesh's store: whoever shares the mesh is told, soon, what there is now. */
  noteHoldings(mesh: StoreId): void {
    for (const link of this.linksSharing(mesh)) link.noteHoldings();
    for (const one of this.#options.meshes()) if (one.id === mesh) this.#holes.review(one);
  }

  /** Pushes a commit to everybody who shares the mesh, but to whom it came from. */
  spread(mesh: StoreId, store: LinkStore, commit: Commit): void {
    const links = this.linksSharing(mesh).filter((link) => idKey(link.peer) !== commit.origin);
    if (links.length === 0) return;
    const bundle = encodeBundle(commit.bundle, 'full');
    for (const link of links) link.push(store, bundle);
  }

  /** Connects to one address now. Rejects with `dial-failed` or `aborted`. */
  async dial(address: PeerAddress, signal?: AbortSignal): Promise<PeerLink> {
    const standing = this.linkWith(address.nodeId);
    return standing ?? this.#adopt(await this.#dialler.dial(address, signal));
  }

  /** The connections with members, after those who are not connected were given some seconds to be. */
  async reach(mesh: LocalMesh, signal: AbortSignal | undefined): Promise<readonly PeerLink[]> {
    await this.start();
    await this.#reachMembers(mesh, signal);
    if (this.#closed) throw nodeClosed();
    return this.linksSharing(mesh.id);
  }

  /**
   * Brings the mesh store to those connected. Whether anybody is known to have what this node wrote there within some
   * seconds: a sync finds it there, or this node is taken for a member no more, which is what there is to tell.
   */
  async tellDeparture(mesh: LocalMesh, links: readonly PeerLink[]): Promise<boolean> {
    if (links.length === 0) return false;
    const { key } = this.#options.context;
    const own = mesh.link.meshStore.tips().filter(({ author }) => equalBytes(author, key.nodeId));
    let isKnown = false;
    const isTold = () =>
      isKnown || links.some((link) => this.linkWith(link.peer) === link && !link.shares(mesh.id));
    const syncs = links.map(async (link) => {
      // The first brings it, the second finds it there: what a peer cannot place it has in memory only.
      for (let round = 0; round < 2 && !isKnown; round++) {
        const { knownToPeer } = await link.sync(mesh.link.meshStore);
        const known = new Set(knownToPeer.map(({ hash }) => idKey(hash)));
        isKnown ||= own.every(({ hash }) => known.has(idKey(hash)));
      }
      this.#waits.check();
    });
    void Promise.all(syncs);
    const isOver = () => isTold() || links.every((link) => this.linkWith(link.peer) !== link);
    await this.#waits.until(isOver, tellMaxMs);
    return isTold();
  }

  /** The mesh is this node's no more: peers are told so, and those who were only met there are dialled no longer. */
  forget(mesh: StoreId): void {
    for (const id of this.#online) if (id.startsWith(idKey(mesh))) this.#online.delete(id);
    if (!this.#closed) this.reviewMembers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#waits.close();
    this.#dialler.stop();
    this.#wakefulness?.[Symbol.dispose]();
    await this.#starting?.catch(() => undefined);
    await this.#nearby?.[Symbol.asyncDispose]();
    for (const { link } of this.#links.values()) link.close('the node is shutting down');
    await this.#transport?.[Symbol.asyncDispose]();
    await this.#accepting;
    await Promise.all([...this.#links.values()].map(({ ended }) => ended));
    this.#holdings.close();
  }

  #members(): Map<IdKey, NodeId> {
    const members = this.#options.meshes().flatMap((mesh) => mesh.contacts());
    return new Map(members.map((node) => [idKey(node), node]));
  }

  #forgetFormerMembers(): void {
    const members = this.#members();
    this.#holdings.keepOnly((peer) => members.has(peer));
  }

  /** The network may be another one: who is still there answers soon, who is not is looked for where he may be. */
  #lookAround(): void {
    for (const { link } of this.#links.values()) link.probe();
    this.#nearby?.review();
    this.#dialler.hintAll();
  }

  #lookNearby(transport: Transport): void {
    const { openDiscovery: open, context } = this.#options;
    if (!open) return;
    this.#nearby = new NearbyPeers({
      open,
      self: context.key.nodeId,
      address: () => transport.address(),
      peers: () => [...this.#members().values()],
      timers: context.timers,
      onFound: (peer) => {
        if (!this.linkWith(peer)) this.#dialler.hint(peer);
      },
    });
  }

  /** Makes a connection the one with its peer, unless a better one stands. */
  #adopt(connection: Connection): PeerLink {
    const { context, software } = this.#options;
    const key = idKey(connection.remote);
    const before = this.#links.get(key);
    if (before && !this.#replaces(connection, before)) {
      connection.close('another connection stands');
      return before.link;
    }
    const { clock, timers, random, logger } = context;
    const link = new PeerLink({
      connection,
      host: this.#host(software),
      clock,
      timers,
      random,
      logger,
      onChange: () => this.#reviewOnline(link),
      onHoldings: (holdings) => {
        this.#holdings.note(link.peer, holdings, clock.nowMs());
        for (const mesh of this.#options.meshes()) this.#holes.review(mesh);
      },
      onOffence: (reason) => this.#conduct.note(link.peer, reason),
    });
    this.#dialler.connected(link.peer);
    const ended = link.run().then(({ reason }) => {
      this.#ended(link, reason);
      return link.syncsEnded();
    });
    this.#links.set(key, { link, sinceMs: timers.monotonicMs(), ended });
    before?.link.close('a new connection took its place');
    return link;
  }

  /** Of two dials that crossed, both sides keep the one by the smaller id; else a new one means that the old one is dead. */
  #replaces(connection: Connection, before: Standing): boolean {
    const { key, timers } = this.#options.context;
    const crossed =
      timers.monotonicMs() - before.sinceMs < crossingMs && before.link.dialled !== connection.dialled;
    if (!crossed) return true;
    const selfIsSmaller = compareBytes(key.nodeId, connection.remote) < 0;
    return connection.dialled === selfIsSmaller;
  }

  #ended(link: PeerLink, reason: string): void {
    const { logger, clock, timers } = this.#options.context;
    logger.log('debug', 'a connection ended', { peer: idKey(link.peer), reason });
    const standing = this.#links.get(idKey(link.peer));
    if (standing?.link === link) {
      this.#links.delete(idKey(link.peer));
      this.#book.seen(link.peer, clock.nowMs());
      this.#holdings.write();
      const lastedMs = timers.monotonicMs() - standing.sinceMs;
      this.disowning.ended(link, lastedMs);
      // One that shared nothing to its end is none to hurry back to.
      const isOfUse = this.#options.meshes().some(({ id }) => this.#online.has(onlineKey(id, link.peer)));
      this.#dialler.disconnected(link.peer, isOfUse ? lastedMs : 0);
    }
    this.#reviewOnline(link);
  }

  #host(software: string): LinkHost {
    const { key } = this.#options.context;
    const meshes = () => this.#options.meshes().map((mesh) => mesh.link);
    return { self: key.nodeId, software, meshes, room: this.#room };
  }

  /** Tells who came online or went offline, and remembers when and where a member was seen. */
  #reviewOnline(link: PeerLink): void {
    const { events, clock } = this.#options.context;
    const stands = this.linkWith(link.peer) === link;
    for (const mesh of this.#options.meshes()) {
      const id = onlineKey(mesh.id, link.peer);
      const online = stands && link.shares(mesh.id);
      if (online === this.#online.has(id) || (!stands && this.linkWith(link.peer))) continue;
      if (online) this.#online.add(id);
      else this.#online.delete(id);
      if (online) this.disowning.answered(mesh.id, link.peer);
      if (online) clock.hearOf(link.peerNowMs ?? 0);
      if (online) this.#book.seen(link.peer, clock.nowMs());
      const name = mesh.view.members.get(idKey(link.peer))?.name ?? '';
      events.emit({ kind: online ? 'peer-online' : 'peer-offline', mesh: mesh.id, peer: link.peer, name });
    }
    this.#waits.check();
  }

  /** Gives members that are not connected some seconds to be. */
  async #reachMembers(mesh: LocalMesh, signal: AbortSignal | undefined): Promise<void> {
    const { key } = this.#options.context;
    const wanted = mesh
      .contacts()
      .filter((node) => !equalBytes(node, key.nodeId) && this.#dialAddress(node) !== undefined);
    const missing = () => wanted.some((node) => !this.linkWith(node)?.shares(mesh.id));
    if (!missing()) return;
    for (const node of wanted) if (!this.linkWith(node)) this.#dialler.hint(node);
    await this.#waits.until(() => !missing(), reachMaxMs, signal);
  }

  #dialAddress(peer: NodeId): PeerAddress | undefined {
    const nearby = this.#nearby?.directOf(peer) ?? [];
    return dialAddressOf(peer, { nearby, known: this.#book.get(peer), own: this.ownAddress() });
  }
}

function onlineKey(mesh: StoreId, peer: NodeId): string {
  return `${idKey(mesh)} ${idKey(peer)}`;
}
