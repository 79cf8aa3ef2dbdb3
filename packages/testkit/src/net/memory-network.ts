import type { IdKey, NodeId, Timers } from '@lattice/model';
import { assert, equalBytes, idKey, toHex } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';
import { dialFailed } from '@lattice/net-types';
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
  readonly #nodes = new Map<IdKey, MemoryTransport>();
  readonly #links = new Map<string, MemoryLink>();
  /** Dials that reached nobody: tried again whenever a node appears. */
  readonly #unanswered = new Set<() => void>();

  constructor({
    timers,
    latencyMs = 0,
    windowBytes = 256 * 1024,
    patienceMs = 30_000,
  }: MemoryNetworkOptions) {
    this.#timers = timers;
    this.#latencyMs = latencyMs;
    this.#windowBytes = windowBytes;
    this.#patienceMs = patienceMs;
  }

  /** Puts a node on the network. One at a time for each id; a closed one makes room for the next, there or elsewhere. */
  transport(nodeId: NodeId, address?: string): MemoryTransport {
    const key = idKey(nodeId);
    assert(!this.#nodes.has(key), `node ${key} is on the network once`);
    const dial = (from: MemoryTransport, peer: PeerAddress, signal: AbortSignal) =>
      this.#dial(from, peer, signal);
    const detach = (gone: MemoryTransport) => {
      if (this.#nodes.get(key) === gone) this.#nodes.delete(key);
    };
    const transport = new MemoryTransport(nodeId, { dial, detach }, address);
    this.#nodes.set(key, transport);
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

  /** What was under way arrives now. */
  heal(a: NodeId, b: NodeId): void {
    this.#link(a, b).heal();
  }

  /** Ends all connections between the two, in the middle of whatever they carry. They may connect again at once. */
  disconnect(a: NodeId, b: NodeId): void {
    this.#link(a, b).end('connection reset');
  }

  /** The node's process dies: it is gone at once, and its peers give up after the network's patience. */
  crash(nodeId: NodeId): void {
    const transport = this.#nodes.get(idKey(nodeId));
    if (transport === undefined) return;
    transport.vanish();
    for (const [key, link] of this.#links) {
      if (key.includes(idKey(nodeId))) link.forsake();
    }
  }

  /** What has been sent one way so far. */
  traffic(from: NodeId, to: NodeId): LaneTraffic {
    return this.#lane(from, to).traffic;
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
        if (isOver) near.close('the dial was given up');
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
    const to = this.#nodes.get(idKey(peer.nodeId));
    if (to === undefined || !peer.direct.includes(to.memoryAddress)) return false;
    const [near, far] = MemoryConnection.pair(this.#endOf(from, to, true), this.#endOf(to, from, false));
    from.keep(near);
    to.keep(far);
    this.#lane(to.nodeId, from.nodeId).carry(() => answer(near));
    to.takeIn(far);
    return true;
  }

  #isSomebodyAt(addresses: readonly string[]): boolean {
    return [...this.#nodes.values()].some((node) => addresses.includes(node.memoryAddress));
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
    const link = this.#links.get(key) ?? new MemoryLink(this.#timers, this.#latencyMs, this.#patienceMs);
    this.#links.set(key, link);
    return link;
  }
}
