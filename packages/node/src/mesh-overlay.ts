import {
  broadcastId,
  fromWire,
  type GossipMessage,
  Overlay,
  type OverlayEffect,
  type OverlayInput,
  Payloads,
  toWire,
  viewSizes,
} from '@lattice/gossip';
import type { Commit } from '@lattice/kernel';
import { hlcToMs, type IdKey, idKey, type NodeId, type StoreId, unreachable } from '@lattice/model';
import { findStore, type LinkStore, type PeerLink } from '@lattice/net';
import type { PeerAddress } from '@lattice/net-types';
import { encodeBundle, type wire } from '@lattice/proto';
import type { NodeContext } from './context.js';
import type { LocalMesh } from './local-mesh.js';
import { NeighborSyncs } from './neighbor-syncs.js';
import { WaitingMessages } from './waiting-messages.js';

/** What came by a sync and is older than that, most have: nobody would know it by the name that it gets here. */
const newsMaxMs = 60_000;

/** What the overlays of all meshes ask of the node. */
export interface OverlayPorts {
  readonly context: NodeContext;
  readonly linkWith: (peer: NodeId) => PeerLink | undefined;
  /** Whether anything is known of where the peer may be. */
  readonly isReachable: (peer: NodeId) => boolean;
  /** Where these were found, as far as that is known for certain. */
  readonly addressesOf: (nodes: readonly NodeId[]) => readonly PeerAddress[];
  /** It is other peers now that are to be connected. */
  readonly onWanted: () => void;
}

/**
 * Drives one mesh's overlay over the connections of this node. A small mesh has none: everybody is connected with everybody,
 * and tells everybody. In a larger one those in the active view are connected, and what is new goes along the tree.
 */
export class MeshOverlay implements Disposable {
  readonly #mesh: LocalMesh;
  readonly #ports: OverlayPorts;
  readonly #context: NodeContext;
  readonly #payloads = new Payloads();
  readonly #waiting: WaitingMessages;
  readonly #syncs: NeighborSyncs;
  #members = new Map<IdKey, NodeId>();
  #others: readonly NodeId[] = [];
  #overlay: Overlay | undefined;
  /** Somebody else is to be connected to be told something. */
  #isCalling = false;
  #wake: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(mesh: LocalMesh, ports: OverlayPorts) {
    this.#mesh = mesh;
    this.#ports = ports;
    this.#context = ports.context;
    const { timers } = ports.context;
    this.#waiting = new WaitingMessages(timers);
    this.#syncs = new NeighborSyncs({
      timers,
      mesh: mesh.link,
      linkWith: (peer) => this.#linkWith(this.#members.get(peer)),
      neighbors: () => this.#overlay?.active() ?? [],
    });
  }

  /** To be called once the network has started, and when members came or went. */
  review(): void {
    const { key, random } = this.#context;
    const self = idKey(key.nodeId);
    this.#members = new Map(this.#mesh.contacts().map((node) => [idKey(node), node]));
    this.#others = [...this.#members].filter(([node]) => node !== self).map(([, node]) => node);
    const isLarge = viewSizes(this.#members.size).active < this.#members.size - 1;
    if (!isLarge) return this.#end();
    if (this.#overlay) return void this.#step({ kind: 'members' });
    const count = () => this.#members.size;
    const has = (node: IdKey) => this.#members.has(node);
    this.#overlay = new Overlay({ self, random, members: { count, has, any: () => this.#anyMember() } });
    // Whoever is connected already, as all were while the mesh was small, is as good to enter through as any.
    this.#step({ kind: 'start' });
  }

  /** Who is to be connected. */
  wanted(): readonly NodeId[] {
    if (!this.#overlay) return this.#others;
    const active = this.#overlay.active();
    // Who has nobody in view yet holds on to whom it is connected with.
    const held = active.length > 0 ? [] : this.#others.filter((node) => this.#linkWith(node)).map(idKey);
    const wanted = new Set([...active, ...held, ...this.#waiting.peers()]);
    return [...wanted].map((peer) => this.#members.get(peer)).filter((node) => node !== undefined);
  }

  /** Whether the members are too many for all to be connected with all. */
  get isLarge(): boolean {
    return this.#overlay !== undefined;
  }

  /** Whether what is new goes along the tree, and not to everybody who is connected. */
  get isSpreading(): boolean {
    return this.#overlay !== undefined && this.#overlay.active().length > 0;
  }

  /** The mesh is shared with the peer from now on, over a connection that stands. */
  connected(peer: NodeId): void {
    const waiting = this.#waiting.take(idKey(peer));
    for (const message of waiting) this.#send(idKey(peer), message);
    if (waiting.length > 0) this.#ports.onWanted();
  }

  disconnected(peer: NodeId): void {
    this.#step({ kind: 'lost', peer: idKey(peer) });
  }

  /** There is news of where members are: who has nobody in view enters through one of them at once. */
  noteAddresses(): void {
    const isAlone = this.#overlay?.active().length === 0 && this.#waiting.peers().length === 0;
    if (isAlone) this.#step({ kind: 'start' });
  }

  /** Throws `MalformedError`. */
  hear(from: NodeId, message: wire.Gossip): void {
    const heard = fromWire(message);
    if (heard) this.#step({ kind: 'message', from: idKey(from), message: heard });
  }

  /** Whether a bundle that came along the tree is the first of its kind. */
  isNews(store: StoreId, from: NodeId, { bundle, round }: wire.Push): boolean {
    if (!this.#overlay) return true;
    const id = broadcastId(store, bundle);
    const effects = this.#step({ kind: 'pushed', from: idKey(from), id, round });
    return effects.some(({ kind }) => kind === 'deliver');
  }

  /**
   * Something has entered the DAG. What was written here or came along the tree goes on along it. What came by a sync is
   * announced or, where it is no news, synced on to those in view once there is no more of it.
   */
  spread(store: LinkStore, { bundle: entered, origin }: Commit): void {
    const bundle = encodeBundle(entered, 'full');
    const id = broadcastId(store.id, bundle);
    const isSynced = origin !== 'local' && this.#overlay?.cameByPush(id) !== true;
    const newestMs = Math.max(...entered.entries.map(({ hlc }) => hlcToMs(hlc)));
    if (isSynced && newestMs < this.#context.clock.nowMs() - newsMaxMs) return this.#syncs.soon();
    this.#payloads.add(id, { store: store.id, bundle }, this.#context.timers.monotonicMs());
    this.#step({ kind: 'broadcast', id, announceOnly: isSynced });
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #end(): void {
    this.#overlay = undefined;
    this.#wake?.cancel();
    this.#wake = undefined;
    this.#syncs.cancel();
    for (const peer of this.#waiting.peers()) this.#waiting.take(peer);
  }

  #step(input: OverlayInput): readonly OverlayEffect[] {
    if (!this.#overlay) return [];
    const effects = this.#overlay.step(input, this.#context.timers.monotonicMs());
    for (const effect of effects) this.#perform(effect);
    this.#sleep();
    const isMoved = effects.some(({ kind }) => kind === 'up' || kind === 'down');
    if (isMoved || this.#isCalling) this.#ports.onWanted();
    this.#isCalling = false;
    return effects;
  }

  #perform(effect: OverlayEffect): void {
    switch (effect.kind) {
      case 'send':
        return this.#send(effect.to, effect.message);
      case 'push':
        return this.#push(effect);
      case 'gap':
        // Announced by a peer that does not have it any more, or does not answer: a sync says what is missing.
        return this.#syncs.afterGap(effect.from);
      case 'up':
        return this.#syncs.withNew(effect.peer);
      case 'down':
      case 'deliver':
        return;
      default:
        return unreachable(effect);
    }
  }

  #push({ to, id, round }: OverlayEffect & { kind: 'push' }): void {
    const payload = this.#payloads.get(id);
    const found = payload && findStore([this.#mesh.link], payload.store);
    if (found) this.#linkWith(this.#members.get(to))?.push(found.store, payload.bundle, round);
  }

  #send(to: IdKey, message: GossipMessage): void {
    const link = this.#linkWith(this.#members.get(to));
    if (!link) {
      if (isWorthDialling(message) && this.#waiting.add(to, message)) this.#isCalling = true;
      return;
    }
    const named = namedIn(message).map((node) => this.#members.get(node));
    const addresses = this.#ports.addressesOf(named.filter((node) => node !== undefined));
    link.gossip(this.#mesh.link, toWire(message), addresses);
  }

  #sleep(): void {
    const { timers } = this.#context;
    const atMs = Math.min(this.#overlay?.wakeAtMs ?? Infinity, this.#waiting.wakeAtMs);
    if (atMs >= (this.#wake?.atMs ?? Infinity)) return;
    this.#wake?.cancel();
    const cancel = timers.after(Math.max(0, Math.ceil(atMs - timers.monotonicMs())), () => {
      this.#wake = undefined;
      const hasGivenUp = this.#waiting.giveUp();
      this.#step({ kind: 'wake' });
      if (hasGivenUp) this.#ports.onWanted();
    });
    this.#wake = { atMs, cancel };
  }

  /** The connection with a member, where it shares the mesh. */
  #linkWith(member: NodeId | undefined): PeerLink | undefined {
    const link = member && this.#ports.linkWith(member);
    return link?.shares(this.#mesh.id) ? link : undefined;
  }

  /** Some member that is connected or whose address is known: the first such from a random one on. */
  #anyMember(): IdKey | undefined {
    const [a = 0, b = 0, c = 0] = this.#context.random.bytes(3);
    const start = ((a << 16) | (b << 8) | c) % Math.max(1, this.#others.length);
    const from = [...this.#others.slice(start), ...this.#others.slice(0, start)];
    const found = from.find((node) => this.#linkWith(node) !== undefined || this.#ports.isReachable(node));
    return found && idKey(found);
  }
}

/** Whose addresses the peer will want to know. */
function namedIn(message: GossipMessage): readonly IdKey[] {
  if (message.kind === 'forward-join') return [message.node];
  if (message.kind === 'shuffle') return [message.origin, ...message.nodes];
  return message.kind === 'shuffle-reply' ? message.nodes : [];
}

/** What is said to a peer only because it was connected: no connection is made for that. */
function isWorthDialling({ kind }: GossipMessage): boolean {
  return kind === 'join' || kind === 'neighbor' || kind === 'shuffle-reply';
}
