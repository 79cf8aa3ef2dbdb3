import { idKey, type IdKey, type NodeId, type StoreId, unreachable } from '@lattice/model';
import type { CloseReason, ConnectionInfo, PeerAddress, Stream } from '@lattice/net-types';
import { MalformedError, type wire } from '@lattice/proto';
import { AddressExchange } from './address-exchange.js';
import { Alarms } from './alarms.js';
import { Allowance } from './allowance.js';
import { ControlChannel } from './control-channel.js';
import { faultOfPeer } from './fault.js';
import { GuardedReader } from './guarded-reader.js';
import { HoldingsExchange } from './holdings-exchange.js';
import type { PeerRoom } from './inbound-room.js';
import { InboundStreams } from './inbound-streams.js';
import { JoinExchange, type JoinRequest } from './join-exchange.js';
import type { LinkMesh, LinkStore, LinkSyncReport } from './link-host.js';
import { meshTag } from './mesh-tag.js';
import type { PeerLinkOptions } from './peer-link-options.js';
import { PushExchange } from './push-exchange.js';
import { ReconcileTimes } from './reconcile-times.js';
import { Standing } from './standing.js';
import { type OnSyncProgress, StoreSyncs } from './store-syncs.js';

/** The one version of this protocol. */
const protocolVersion = 1;
const pingEveryMs = 5_000;
const silenceMaxMs = 15_000;
const probeMs = 3_000;
/** How long a peer with which nothing is shared any more is left to hear why: the revocation is still on its way. */
const farewellMs = 1_000;
/** A connection on which nothing is shared after this long serves nobody. */
const graceMs = 15_000;
/** How much a stranger is listened to; what is more waits, and with it the stranger. */
const strangerTalk = { burst: 64, everyMs: 100 };

/** What is between this node and one peer while a connection lasts: who shares what, syncs, and pushes of what is new. */
export class PeerLink {
  readonly peer: NodeId;
  readonly dialled: boolean;
  readonly #options: PeerLinkOptions;
  readonly #standing: Standing;
  readonly #syncs: StoreSyncs;
  readonly #shared = new Set<IdKey>();
  readonly #handedOver = new Set<IdKey>();
  readonly #addresses: AddressExchange;
  readonly #holdings: HoldingsExchange;
  readonly #joins: JoinExchange;
  readonly #pushes: PushExchange;
  readonly #alarms: Alarms;
  readonly #room: PeerRoom;
  readonly #strangerTalk: Allowance;
  #inbound: InboundStreams | undefined;
  #control: ControlChannel | undefined;
  #greeted = false;
  #onGreeted: () => void = () => undefined;
  /** Resolves when the peer has said hello. */
  readonly #greeting = new Promise<void>((resolve) => (this.#onGreeted = resolve));
  /** How far the peer's wall clock is ahead of this node's monotonic one. */
  #clockAhead: { readonly ms: number } | undefined;

  constructor(options: PeerLinkOptions) {
    const { connection, host, timers, random } = options;
    this.#options = options;
    this.#alarms = new Alarms(timers);
    this.peer = connection.remote;
    this.dialled = connection.dialled;
    this.#standing = new Standing(host, this.peer);
    this.#room = host.room.forPeer(() => this.#standing.isStranger);
    this.#strangerTalk = new Allowance(timers, strangerTalk);
    const onBlame = (reason: string) => this.#blame(reason);
    this.#syncs = new StoreSyncs({ connection, room: this.#room, timers, random, onBlame });
    this.#addresses = new AddressExchange({
      self: host.self,
      peer: this.peer,
      standing: this.#standing,
      shares: (mesh) => this.shares(mesh),
      send: (addresses) => this.#control?.send({ case: 'addresses', value: addresses }),
    });
    this.#holdings = new HoldingsExchange({
      timers,
      stores: () => this.#standing.shared().flatMap((mesh) => [mesh.meshStore, ...mesh.stores()]),
      send: (holdings) => this.#control?.send({ case: 'holdings', value: holdings }),
      onHeard: options.onHoldings,
    });
    this.#pushes = new PushExchange({
      peer: this.peer,
      host,
      standing: this.#standing,
      control: () => this.#control,
      sync: (store) => void this.sync(store),
      syncMesh: (mesh) => void this.syncMesh(mesh),
      onBlame: (reason) => this.#blame(reason),
    });
    this.#joins = new JoinExchange({
      connection,
      host,
      standing: this.#standing,
      greeting: this.#greeting,
      send: (body) => this.#control?.send(body),
      announce: () => this.announce(),
    });
  }

  /** Serves the connection until it ends; resolves with the reason, and never rejects. */
  async run(): Promise<CloseReason> {
    const { connection, timers, random } = this.#options;
    this.#alarms.after(graceMs, () => this.#closeIfIdle());
    this.#pingAndReconcile();
    this.#inbound = new InboundStreams({
      connection,
      standing: this.#standing,
      room: this.#room,
      timers,
      random,
      onControl: (stream, reader) => this.#acceptControl(stream, reader),
      onSynced: () => this.#holdings.noteSync(),
      onHandedOver: () => this.announce(),
      onBlame: (reason) => this.#blame(reason),
    });
    void connection.closed.then(() => this.#room[Symbol.dispose]());
    const serving = this.#inbound.run();
    if (this.dialled) await this.#openControl();
    await serving;
    const reason = await connection.closed;
    this.#stop();
    return reason;
  }

  /** Resolves when no sync is under way any more that this side began: once the connection is closed, they end soon. */
  syncsEnded(): Promise<void> {
    return this.#syncs.ended();
  }

  close(reason: string): void {
    this.#options.connection.close(reason);
  }

  /** Asks the peer whether it is still there, and ends the connection where it does not answer within three seconds. */
  probe(): void {
    const control = this.#control;
    if (!control) return;
    const before = control.heardBytes;
    control.send({ case: 'ping', value: { nonce: 0n } });
    this.#alarms.after(probeMs, () => {
      if (control.heardBytes === before) this.close('it is not there any more');
    });
  }

  info(): ConnectionInfo {
    return this.#options.connection.info();
  }

  /** What the peer's wall clock says now, going by its hello. */
  get peerNowMs(): number | undefined {
    return this.#clockAhead && this.#clockAhead.ms + this.#options.timers.monotonicMs();
  }

  /** Whether both sides hold each other for members of that mesh. */
  shares(mesh: StoreId): boolean {
    return this.#shared.has(idKey(mesh));
  }

  /** Meshes of which this node believes the peer a member, and the peer has not said the same of this node. */
  unanswered(): readonly StoreId[] {
    return this.#greeted ? this.#standing.unanswered().map(({ id }) => id) : [];
  }

  /** Whether any mesh is shared with the peer. */
  get sharesAny(): boolean {
    return this.#shared.size > 0;
  }

  /** Whether a sync is under way, begun by either side. */
  get isSyncing(): boolean {
    return this.#syncs.isBusy || this.#inbound?.isBusy === true;
  }

  /** Tells the peer anew which meshes it shares with this node; to be called whenever a mesh's members changed. */
  announce(): void {
    if (!this.#greeted) return;
    this.#control?.send({ case: 'meshes', value: { tags: this.#standing.tags() } });
    this.#review();
  }

  /** Tells the peer where this node can be reached from now on. */
  tellAddress(own: PeerAddress): void {
    for (const mesh of this.#standing.shared()) this.#addresses.tell(mesh, [own]);
  }

  /** Tells the peer something of the overlay of a shared mesh, and before that where those can be reached whom it names. */
  gossip(mesh: LinkMesh, message: wire.Gossip, addresses: readonly PeerAddress[]): void {
    if (addresses.length > 0) this.#addresses.tell(mesh, addresses);
    const value = { ...message, meshTag: meshTag(mesh.id, this.#options.host.self, this.peer) };
    this.#control?.send({ case: 'gossip', value });
  }

  /**
   * Pushes a new bundle of a shared mesh's store, in full form; along a tree, with its round. Where the peer is too slow, a
   * sync follows later.
   */
  push(store: LinkStore, bundle: Uint8Array, round = 0): void {
    this.#pushes.push(store, bundle, round);
  }

  /** Tells the peer, soon, what this node holds; to be called whenever some store of a shared mesh may have changed. */
  noteHoldings(): void {
    this.#holdings.noteChange();
  }

  /** Never rejects: what went wrong is in the report. */
  async sync(store: LinkStore, onProgress?: OnSyncProgress): Promise<LinkSyncReport> {
    const report = await this.#syncs.sync(store, onProgress);
    this.#holdings.noteSync();
    return report;
  }

  async syncMesh(mesh: LinkMesh): Promise<readonly LinkSyncReport[]> {
    const reports = await this.#syncs.syncMesh(mesh);
    this.#holdings.noteSync();
    return reports;
  }

  /** Asks the peer to admit this node. Rejects when the connection ends before the answer. */
  join(mesh: StoreId, request: JoinRequest): Promise<wire.JoinReply> {
    return this.#joins.ask(mesh, request);
  }

  /** To be called once the mesh that was asked for is here, or given up. */
  stopAsking(mesh: StoreId): void {
    this.#joins.stopAsking(mesh);
  }

  async #openControl(): Promise<void> {
    try {
      const stream = await this.#options.connection.openStream();
      const control = this.#controlOver(stream, new GuardedReader(stream, this.#room, this.#options.timers));
      control.greet();
      this.#converse(control);
    } catch {
      this.close('the control stream could not be opened');
    }
  }

  #acceptControl(stream: Stream, reader: GuardedReader): void {
    if (this.dialled || this.#control) this.#blame('a second control stream');
    else this.#converse(this.#controlOver(stream, reader));
  }

  #controlOver(stream: Stream, reader: GuardedReader): ControlChannel {
    return new ControlChannel(stream, reader, () => this.close('the peer does not read what it is told'));
  }

  #converse(control: ControlChannel): void {
    this.#control = control;
    const { software } = this.#options.host;
    const clockMs = BigInt(this.#options.clock.nowMs());
    const meshes = { tags: this.#standing.tags() };
    const hello = { protocol: protocolVersion, software, clockMs, meshes };
    control.send({ case: 'hello', value: hello });
    void this.#listen(control);
  }

  async #listen(control: ControlChannel): Promise<void> {
    using _watchdog = control.watch(silenceMaxMs, () => this.close('the peer has fallen silent'));
    try {
      for (let message = await control.next(); message; message = await control.next()) {
        while (this.#standing.isStranger && !this.#strangerTalk.take())
          await this.#alarms.pause(strangerTalk.everyMs);
        await this.#onMessage(message);
      }
      this.close('the peer ended the conversation');
    } catch (error) {
      const fault = faultOfPeer(error);
      if (fault === undefined) this.close('the control stream broke');
      else this.#blame(fault);
    }
  }

  async #onMessage({ body }: wire.ControlMessage): Promise<void> {
    if (!this.#greeted && body.case !== 'hello') throw new MalformedError('a message before hello');
    switch (body.case) {
      case 'hello':
        return this.#onHello(body.value);
      case 'meshes':
        return this.#see(body.value);
      case 'addresses':
        return this.#addresses.hear(body.value);
      case 'ping':
        // Whatever else is on its way to the peer is as good an answer.
        if (this.#control?.isIdle) this.#control.send({ case: 'pong', value: { nonce: body.value.nonce } });
        return undefined;
      case 'push':
        return this.#pushes.hear(body.value);
      case 'holdings':
        return this.#holdings.hear(body.value);
      case 'join':
        return this.#joins.hear(body.value);
      case 'joinReply':
        return this.#joins.hearReply(body.value);
      case 'gossip':
        return this.#onGossip(body.value);
      case 'pong':
      case undefined:
        // What is undefined is of a later version: whoever sent it can do without an answer.
        return undefined;
      default:
        return unreachable(body);
    }
  }

  #onHello({ protocol, clockMs, meshes }: wire.Hello): void {
    if (this.#greeted) throw new MalformedError('a second hello');
    if (protocol !== protocolVersion) {
      return this.close(
        `this node speaks version ${protocolVersion} of the protocol, the peer version ${protocol}`,
      );
    }
    this.#greeted = true;
    this.#onGreeted();
    this.#clockAhead = { ms: Number(clockMs) - this.#options.timers.monotonicMs() };
    if (meshes) this.#see(meshes);
    this.#options.onChange();
  }

  #see({ tags }: wire.Meshes): void {
    this.#standing.see(tags);
    // Who asked to join passed over what was said of the mesh before it had it.
    if (this.#joins.wereAsked) this.#holdings.startOver();
    this.#review();
  }

  /** Looks at who shares what now: begins to sync what is newly shared, and proves its membership where it is not seen. */
  #review(): void {
    const shared = this.#standing.shared();
    const before = new Set(this.#shared);
    this.#shared.clear();
    for (const mesh of shared) this.#shared.add(idKey(mesh.id));
    for (const mesh of shared) {
      this.#addresses.review(mesh);
      if (before.has(idKey(mesh.id))) continue;
      this.#addresses.tell(mesh, mesh.addresses());
      this.#holdings.noteChange();
      if (this.dialled) void this.syncMesh(mesh);
    }
    for (const mesh of this.#standing.unanswered()) this.#handOver(mesh);
    // Nothing is shared any more: one of the two was revoked, or has left.
    if (before.size > 0 && shared.length === 0) this.#alarms.after(farewellMs, () => this.#closeIfIdle());
    this.#options.onChange();
  }

  #handOver(mesh: LinkMesh): void {
    const key = idKey(mesh.id);
    if (this.#handedOver.has(key)) return;
    this.#handedOver.add(key);
    void this.#syncs.handOver(mesh, meshTag(mesh.id, this.#options.host.self, this.peer));
  }

  #onGossip(message: wire.Gossip): void {
    const mesh = this.#standing.meant(message.meshTag);
    if (mesh && this.shares(mesh.id)) this.#options.host.hearGossip(mesh, this.peer, message);
  }

  #pingAndReconcile(): void {
    const { timers, random } = this.#options;
    const reconciling = new ReconcileTimes(timers, random);
    const beat = () => {
      this.#control?.send({ case: 'ping', value: { nonce: 0n } });
      this.#holdings.noteChange();
      if (this.dialled && reconciling.isDue())
        for (const mesh of this.#standing.shared()) void this.syncMesh(mesh);
      this.#alarms.after(pingEveryMs, beat);
    };
    this.#alarms.after(pingEveryMs, beat);
  }

  #closeIfIdle(): void {
    if (this.#shared.size === 0) this.close('no mesh is shared');
  }

  #blame(reason: string): void {
    this.#options.logger.log('warn', 'a peer broke the protocol', { peer: idKey(this.peer), reason });
    this.#options.onOffence(reason);
    this.close(`protocol broken: ${reason}`);
  }

  #stop(): void {
    this.#holdings[Symbol.dispose]();
    this.#alarms[Symbol.dispose]();
    this.#shared.clear();
  }
}
