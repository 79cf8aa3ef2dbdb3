import type { NodeId, Timers } from '@lattice/model';
import { assert, equalBytes, idKey, toHex } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';
import { dialFailed, dialGivenUp } from '@lattice/net-types';
import type { LaneTraffic, MemoryLane } from './memory-lane.js';
import type { MemoryConnectionOptions } from './memory-connection.js';
import { MemoryConnection } from './memory-connection.js';
import { MemoryLink } from './memory-link.js';
import { MemoryTransport } from './memory-transport.js';

export interface MemoryNetworkOptions {
  readonly timers: Timers;
  /** One way, where a link has none of its own. 0: everything arrives without any timer. */
  readonly latencyMs?: number;
  /** What may be unread in each direction of each stream. */
  readonly windowBytes?: number;
  /** After which a cut connection, or a dial that nobody answers, fails. Iroh's are both 30 s. */
  readonly patienceMs?: number;
  /** How long so many bytes take from one node to another, in ms, in place of any latency. Streams overtake each other then. */
  readonly delay?: (from: NodeId, to: NodeId, bytes: number) => number;
}

/**
 * The in-memory twin of a real network: any number of transports in one process, without sockets and, driven by virtual
 * time, without chance. What goes wrong in networks is done to it from outside.
 */
export class MemoryNetwork {
  readonly #timers: Timers;
  readonly #latencyMs: number;
  readonly #windowBytes: number;
  readonly #patienceMs: number;
  readonly #delay: MemoryNetworkOptions['delay'];
  readonly #nodes = new Set<MemoryTransport>();
  readonly #links = new Map<string, MemoryLink>();
  /** Dials that reached nobody: tried again whenever a node appears. */
  readonly #unanswered = new Set<() => void>();

  constructor({
    timers,
    latencyMs = 0,
    windowBytes = 256 * 1024,
    patienceMs = 30_000,
    delay,
  }: MemoryNetworkOptions) {
    this.#timers = timers;
    this.#latencyMs = latencyMs;
    this.#windowBytes = windowBytes;
    this.#patienceMs = patienceMs;
    this.#delay = delay;
  }

  /**
   * Puts a node on the network. One at a time at each address; a closed one makes room for the next, there or elsewhere. (Two
   * of one id at two addresses: somebody has copied a key.)
   */
  transport(nodeId: NodeId, address?: string): MemoryTransport {
    const dial = (from: MemoryTransport, peer: PeerAddress, signal: AbortSignal) =>
      this.#dial(from, peer, signal);
    const detach = (gone: MemoryTransport) => this.#nodes.delete(gone);
    const transport = new MemoryTransport(nodeId, { dial, detach }, address);
    const { memoryAddress } = transport;
    assert(!this.#isSomebodyAt([memoryAddress]), `one node at a time is to be found at ${memoryAddress}`);
    this.#nodes.add(transport);
    for (const retry of [...this.#unanswered]) retry();
    return transport;
  }

  /** One way. What is under way keeps its time, but nothing overtakes. */
  setLatency(a: NodeId, b: NodeId, latencyMs: number): void {
    this.#link(a, b).latencyMs = latencyMs;
  }

  /** Nothing arrives between the two any more; they are not told, and give up after the network's patience. */
  partition(a: NodeId, b: NodeId): void {
    this.#link(a, b).cut();
  }

  /** Nothing arrives any more that way, while the other way is open. Both notice, as in a partition. */
  cutOneWay(from: NodeId, to: NodeId): void {
    this.#link(from, to).cut([this.#lane(from, to)]);
  }

  /** What was under way arrives now. */
  heal(a: NodeId, b: NodeId): void {
    this.#link(a, b).heal();
  }

  /** Ends all connections between the two, in the middle of whatever they carry. They may connect again at once. */
  disconnect(a: NodeId, b: NodeId): void {
    this.#link(a, b).end('connection reset');
  }

  /** The node's process dies: it is gone at once, and its peers give up after the network's patience. */
  crash(nodeId: NodeId, address?: string): void {
    const dying = [...this.#nodes].filter(
      (one) => equalBytes(one.nodeId, nodeId) && (address === undefined || one.memoryAddress === address),
    );
    if (dying.length === 0) return;
    for (const transport of dying) transport.vanish();
    for (const [key, link] of this.#links) {
      if (key.includes(idKey(nodeId))) link.forsake();
    }
  }

  /** What has been sent one way so far. */
  traffic(from: NodeId, to: NodeId): LaneTraffic {
    return this.#lane(from, to).traffic;
  }

  /** The same of all that was sent by anybody. */
  get total(): LaneTraffic {
    const all = [...this.#links.values()].flatMap(({ lanes }) => lanes.map(({ traffic }) => traffic));
    return {
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      frames: all.reduce((sum, { frames }) => sum + frames, 0),
    };
  }

  #dial(from: MemoryTransport, peer: PeerAddress, signal: AbortSignal): Promise<MemoryConnection> {
    const name = toHex(peer.nodeId);
    if (peer.direct.length === 0) return Promise.reject(dialFailed(name, 'none of its addresses is known'));
    if (equalBytes(peer.nodeId, from.nodeId))
      return Promise.reject(dialFailed(name, 'it is this node itself'));
    return new Promise((resolve, reject) => {
      let isOver = false;
      const answer = (near: MemoryConnection) => {
        cancel();
        resolve(near);
        if (isOver) near.close(dialGivenUp);
      };
      const fail = (why: string) => {
        isOver = true;
        cancel();
        this.#unanswered.delete(knock);
        reject(dialFailed(name, why));
      };
      const knock = () => {
        if (isOver || this.#knock(from, peer, answer)) this.#unanswered.delete(knock);
        else if (this.#isSomebodyAt(peer.direct)) fail('another node answered at its address');
        else this.#unanswered.add(knock);
      };
      const giveUp = () => fail('it was given up');
      signal.addEventListener('abort', giveUp, { once: true });
      const cancelTimer = this.#timers.after(this.#patienceMs, () => fail('timed out'));
      const cancel = () => {
        cancelTimer();
        signal.removeEventListener('abort', giveUp);
      };
      this.#lane(from.nodeId, peer.nodeId).carry(knock);
    });
  }

  /** Whether somebody was there. */
  #knock(from: MemoryTransport, peer: PeerAddress, answer: (near: MemoryConnection) => void): boolean {
    const to = [...this.#nodes].find(
      (one) => equalBytes(one.nodeId, peer.nodeId) && peer.direct.includes(one.memoryAddress),
    );
    if (to === undefined) return false;
    const [near, far] = MemoryConnection.pair(this.#endOf(from, to, true), this.#endOf(to, from, false));
    from.keep(near);
    to.keep(far);
    this.#lane(to.nodeId, from.nodeId).carry(() => answer(near));
    to.takeIn(far);
    return true;
  }

  #isSomebodyAt(addresses: readonly string[]): boolean {
    return [...this.#nodes].some((node) => addresses.includes(node.memoryAddress));
  }

  #endOf(own: MemoryTransport, other: MemoryTransport, dialled: boolean): MemoryConnectionOptions {
    return {
      remote: other.nodeId,
      remoteAddress: other.memoryAddress,
      dialled,
      link: this.#link(own.nodeId, other.nodeId),
      lane: this.#lane(own.nodeId, other.nodeId),
      windowBytes: this.#windowBytes,
      onEnd: (ended) => own.forget(ended),
    };
  }

  #lane(from: NodeId, to: NodeId): MemoryLane {
    return this.#link(from, to).lanes[idKey(from) < idKey(to) ? 0 : 1];
  }

  #link(a: NodeId, b: NodeId): MemoryLink {
    const key = [idKey(a), idKey(b)].toSorted().join(' ');
    const known = this.#links.get(key);
    if (known) return known;
    const [low, high] = idKey(a) < idKey(b) ? [a, b] : [b, a];
    const delay = this.#delay;
    const delays = delay
      ? [(bytes: number) => delay(low, high, bytes), (bytes: number) => delay(high, low, bytes)]
      : [];
    const link = new MemoryLink(this.#timers, this.#latencyMs, this.#patienceMs, delays);
    this.#links.set(key, link);
    return link;
  }
}
