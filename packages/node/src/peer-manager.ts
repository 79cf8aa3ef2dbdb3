import type { Commit } from '@lattice/kernel';
import { equalBytes, idKey, type IdKey, messageOf, type NodeId, type StoreId } from '@lattice/model';
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
import { Newcomers } from './newcomers.js';
import { Overlays } from './overlays.js';
import type { PeerManagerOptions } from './peer-manager-options.js';
import { Presence } from './presence.js';
import { Reaching } from './reaching.js';
import type { Standing } from './standing-link.js';
import { SurplusLinks } from './surplus-links.js';
import { tellDeparture } from './tell-departure.js';
import { Waits } from './waits.js';
import { Wakefulness } from './wakefulness.js';

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
  readonly #overlays: Overlays;
  readonly #surplus: SurplusLinks;
  readonly #presence: Presence;
  readonly #links = new Map<IdKey, Standing>();
  readonly #newcomers: Newcomers;
  /** What goes on over connections, over those too that have ended or were replaced. */
  readonly #runs = new Set<Promise<unknown>>();
  readonly #room = new InboundRoom();
  readonly #waits: Waits;
  readonly #reaching: Reaching;
  #contacts: ReadonlyMap<IdKey, NodeId> = new Map();
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
    this.#newcomers = new Newcomers(context, (connection) => this.#adopt(connection));
    this.#book = new AddressBook(context.storage.meta);
    this.#holdings = new HoldingsBook({
      meta: context.storage.meta,
      timers: context.timers,
      isKnownStore: (store) => options.meshes().some((mesh) => mesh.hasStore(store)),
    });
    this.#holes = new HoleMending(context, this);
    this.#conduct = new Conduct(context.clock, context.timers);
    this.#overlays = new Overlays(options.meshes, {
      context,
      linkWith: (peer) => this.linkWith(peer),
      isReachable: (peer) => this.#dialAddress(peer) !== undefined,
      addressesOf: (nodes) => this.#bookedAddresses(nodes),
      onWanted: () => this.#wantPeers(),
    });
    this.#surplus = new SurplusLinks({
      timers: context.timers,
      links: () => this.links(),
      wanted: () => this.#overlays.wanted(),
    });
    this.#presence = new Presence({
      context,
      meshes: options.meshes,
      standing: (peer) => this.linkWith(peer),
      onChange: (mesh, link, isConnected) => this.#onPresence(mesh, link, isConnected),
    });
    this.#dialler = new Dialler({
      timers: context.timers,
      random: context.random,
      addressOf: (peer) => this.#dialAddress(peer),
      isConnected: (peer) => this.linkWith(peer) !== undefined,
      barredMs: (peer) => this.#conduct.of(peer)?.barredMs ?? 0,
      onConnection: (connection) => this.#adopt(connection),
    });
    this.#reaching = new Reaching({
      waits: this.#waits,
      linkWith: (peer) => this.linkWith(peer),
      wanted: () => this.#overlays.wanted(),
      isReachable: (peer) => this.#dialAddress(peer) !== undefined,
      hint: (peer) => this.#dialler.hint(peer),
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
      this.#failure = messageOf(error);
      throw error;
    });
    const transport = await this.#starting;
    this.#failure = undefined;
    if (this.#transport || this.#closed) return;
    const { clock, timers, logger } = this.#options.context;
    this.#transport = transport;
    const members = this.#members();
    this.#holdings.keepOnly((peer) => members.has(peer));
    // The subscription goes with the transport, which is this node's own.
    transport.onAddressChange(() => {
      for (const { link } of this.#links.values()) link.tellAddress(transport.address());
      this.#lookAround();
    });
    const onAwake = (sleptMs: number) => {
      logger.log('info', 'awake again', { sleptSeconds: Math.round(sleptMs / 1_000) });
      this.#lookAround();
    };
    this.#wakefulness = new Wakefulness({ clock, timers, onAwake });
    this.#accepting = this.#door.keep(transport);
    this.#lookNearby(transport);
    this.reviewMembers();
    this.#dialler.start(transport);
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

  /** Whether the mesh is too large for all members to be connected with all. */
  hasOverlay(mesh: StoreId): boolean {
    return this.#overlays.isLarge(mesh);
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
    return [...(own ? [own] : []), ...this.#bookedAddresses(others)];
  }

  learn(addresses: readonly PeerAddress[]): void {
    for (const address of addresses) {
      if (equalBytes(address.nodeId, this.#options.context.key.nodeId)) continue;
      if (this.#book.learn(address) && !this.linkWith(address.nodeId)) this.#dialler.hint(address.nodeId);
    }
    this.#overlays.noteAddresses();
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
    const hasNew = [...members.keys()].some((member) => !this.#contacts.has(member));
    this.#contacts = members;
    if (this.#transport && !this.#closed) this.#overlays.review();
    this.#wantPeers();
    if (hasNew) this.#nearby?.review();
    for (const { link } of this.#links.values()) link.announce();
  }

  /** To be called after every commit to a mesh's store: whoever shares the mesh is told, soon, what there is now. */
  noteHoldings(mesh: StoreId): void {
    for (const link of this.linksSharing(mesh)) link.noteHoldings();
    for (const one of this.#options.meshes()) if (one.id === mesh) this.#holes.review(one);
  }

  /** Pushes a commit to everybody who shares the mesh, but to whom it came from; in a large mesh, along its tree. */
  spread(mesh: StoreId, store: LinkStore, commit: Commit): void {
    const overlay = this.#overlays.spreading(mesh);
    if (overlay) return overlay.spread(store, commit);
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
    await this.#reaching.members(mesh, signal);
    if (this.#closed) throw nodeClosed();
    return this.linksSharing(mesh.id);
  }

  /** The connection with one member, where another takes the place of the one that was, and has some seconds to share the mesh. */
  async reachAgain(mesh: LocalMesh, peer: NodeId, signal?: AbortSignal): Promise<PeerLink | undefined> {
    await this.#reaching.member(mesh, peer, signal);
    if (this.#closed) throw nodeClosed();
    return this.linksSharing(mesh.id).find((link) => equalBytes(link.peer, peer));
  }

  /** Brings what this node wrote to the mesh store to those connected; whether anybody has heard that it is a member no more. */
  tellDeparture(mesh: LocalMesh, links: readonly PeerLink[]): Promise<boolean> {
    const { nodeId: self } = this.#options.context.key;
    const stands = (link: PeerLink) => this.linkWith(link.peer) === link;
    return tellDeparture({ mesh, self, links, stands, waits: this.#waits });
  }

  /** The mesh is this node's no more: peers are told so, and those who were only met there are dialled no longer. */
  forget(mesh: StoreId): void {
    this.#presence.forget(mesh);
    this.#overlays.forget(mesh);
    if (!this.#closed) this.reviewMembers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#waits.close();
    this.#dialler.stop();
    this.#wakefulness?.[Symbol.dispose]();
    this.#overlays[Symbol.dispose]();
    this.#surplus[Symbol.dispose]();
    // What was still being opened is there now, and nobody's.
    const transport = await this.#starting?.catch(() => undefined);
    await this.#nearby?.[Symbol.asyncDispose]();
    for (const { link } of this.#links.values()) link.close('the node is shutting down');
    await transport?.[Symbol.asyncDispose]();
    await this.#accepting;
    await Promise.all(this.#runs);
    this.#holdings.close();
  }

  #members(): Map<IdKey, NodeId> {
    const members = this.#options.meshes().flatMap((mesh) => mesh.contacts());
    return new Map(members.map((node) => [idKey(node), node]));
  }

  #wantPeers(): void {
    this.#dialler.want(this.#overlays.wanted());
    this.#surplus.review();
  }

  #bookedAddresses(nodes: readonly NodeId[]): readonly PeerAddress[] {
    return nodes.flatMap((node) => this.#book.get(node) ?? []).map(withoutLastSeen);
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
        this.#overlays.noteAddresses();
      },
    });
  }

  /** Makes a connection the one with its peer, unless a better one stands. */
  #adopt(connection: Connection): PeerLink {
    const { context, software } = this.#options;
    const key = idKey(connection.remote);
    const before = this.#links.get(key);
    if (before && !this.#newcomers.isToReplace(before, connection)) return before.link;
    const { clock, timers, random, logger } = context;
    const link = new PeerLink({
      connection,
      host: this.#host(software),
      clock,
      timers,
      random,
      logger,
      onChange: () => {
        this.#presence.review(link);
        this.#waits.check();
      },
      onHoldings: (holdings) => {
        this.#holdings.note(link.peer, holdings, clock.nowMs());
        for (const mesh of this.#options.meshes()) this.#holes.review(mesh);
      },
      onOffence: (reason) => this.#conduct.note(link.peer, reason),
    });
    this.#dialler.connected(link.peer);
    const run: Promise<unknown> = link
      .run()
      .then(({ reason }) => this.#ended(link, reason))
      .then(() => link.syncsEnded())
      .finally(() => this.#runs.delete(run));
    this.#runs.add(run);
    this.#links.set(key, { link, sinceMs: timers.monotonicMs() });
    before?.link.close('a new connection took its place');
    return link;
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
      this.#dialler.disconnected(link.peer, this.#presence.isOfUse(link) ? lastedMs : 0);
    }
    this.#presence.review(link, reason);
    this.#waits.check();
  }

  #host(software: string): LinkHost {
    const { key } = this.#options.context;
    return {
      self: key.nodeId,
      software,
      meshes: () => this.#options.meshes().map((mesh) => mesh.link),
      room: this.#room,
      hearGossip: (mesh, from, message) => this.#overlays.hear(mesh.id, from, message),
      isNews: (mesh, store, from, push) => this.#overlays.isNews(mesh.id, store.id, from, push),
    };
  }

  #onPresence(mesh: StoreId, link: PeerLink, isConnected: boolean): void {
    const { clock } = this.#options.context;
    if (isConnected) {
      this.disowning.answered(mesh, link.peer);
      clock.hearOf(link.peerNowMs ?? 0);
      this.#book.seen(link.peer, clock.nowMs());
    }
    this.#overlays.changed(mesh, link.peer, isConnected);
    this.#surplus.review();
  }

  #dialAddress(peer: NodeId): PeerAddress | undefined {
    const nearby = this.#nearby?.directOf(peer) ?? [];
    return dialAddressOf(peer, { nearby, known: this.#book.get(peer), own: this.ownAddress() });
  }
}
