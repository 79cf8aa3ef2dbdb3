import {
  type BroadcastId,
  type GossipMessage,
  Overlay,
  type OverlayEffect,
  type OverlayInput,
  type OverlayOptions,
} from '@lattice/gossip';
import { assert, Heap, type IdKey } from '@lattice/model';
import { Chance } from './chance.js';
import { idOf } from './lone-overlay.js';

export interface WorldOptions {
  readonly seed: number;
  /** How long a message takes between two nodes, whichever way: constant, so that links keep their order. */
  readonly latencyMs?: (a: number, b: number) => number;
  /** The share of pushes and tree messages that get lost. */
  readonly loss?: number;
  /** Whether nodes know of all members, and ask any of them where no candidate is left; the paper's do not. */
  readonly knowsMembers?: boolean;
  readonly parameters?: OverlayOptions['parameters'];
  readonly tree?: OverlayOptions['tree'];
}

/** How one broadcast fared. */
export interface Spread {
  readonly fromMs: number;
  /** By node: when it got it, and over how many links. */
  readonly atMs: Map<number, number>;
  readonly hops: Map<number, number>;
  /** How many payloads were sent. */
  pushes: number;
}

export interface SimNode {
  readonly index: number;
  readonly overlay: Overlay;
  alive: boolean;
  wakeAtMs: number;
}

type Event = { readonly atMs: number; readonly order: number; readonly run: () => void };

const indexOf = (id: IdKey) => Number(id.slice(5));

/** Overlays on a network made up: events in virtual time, links that always can be made, and nodes that die. */
export class World {
  readonly chance: Chance;
  readonly nodes: SimNode[] = [];
  readonly spreads = new Map<BroadcastId, Spread>();
  readonly sent: Record<string, number> = {};
  nowMs = 0;
  readonly #options: WorldOptions;
  readonly #events = new Heap<Event>((a, b) => a.atMs - b.atMs || a.order - b.order);
  #order = 0;
  #broadcasts = 0;
  #cut: ((a: number, b: number) => boolean) | undefined;
  /** How many members the nodes believe there are. */
  members = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.chance = new Chance(options.seed);
  }

  /** Nodes that enter one after the other, each through one that is in. */
  grow(count: number, everyMs = 1_000): void {
    this.members = Math.max(this.members, this.nodes.length + count);
    for (const node of this.alive()) this.step(node, { kind: 'members' });
    for (let i = 0; i < count; i++) {
      const node = this.#add();
      this.step(node, { kind: 'start' });
      this.run(everyMs);
    }
  }

  alive(): SimNode[] {
    return this.nodes.filter(({ alive }) => alive);
  }

  /** Lets so much time pass. */
  run(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let next = this.#events.peek(); next && next.atMs <= untilMs; next = this.#events.peek()) {
      this.#events.pop();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }

  /** So many nodes die, none of them `spared`. Their neighbors hear of it now, or only when they send them something. */
  kill(count: number, { noticed, spared = [] }: { noticed: boolean; spared?: readonly number[] }): void {
    const victims = this.alive().filter(({ index }) => !spared.includes(index));
    for (let i = 0; i < count; i++) {
      const [victim] = victims.splice(this.chance.below(victims.length), 1);
      assert(victim, 'there is somebody to die');
      victim.alive = false;
    }
    if (!noticed) return;
    for (const node of this.alive())
      for (const peer of node.overlay.active())
        if (!this.#node(peer).alive) this.#schedule(0, () => this.step(node, { kind: 'lost', peer }));
  }

  /** From now on nothing passes between these: whoever has a link there loses it. Undefined heals. */
  cut(between: ((a: number, b: number) => boolean) | undefined): void {
    this.#cut = between;
    for (const node of this.alive())
      for (const peer of node.overlay.active())
        if (between?.(node.index, indexOf(peer))) this.step(node, { kind: 'lost', peer });
  }

  broadcast(node: SimNode): Spread {
    const id = `broadcast-${this.#broadcasts++}` as BroadcastId;
    const spread = {
      fromMs: this.nowMs,
      atMs: new Map([[node.index, this.nowMs]]),
      hops: new Map([[node.index, 0]]),
      pushes: 0,
    };
    this.spreads.set(id, spread);
    this.step(node, { kind: 'broadcast', id });
    return spread;
  }

  /** To all of the active view, and on from there, as in the measurements of HyParView. */
  flood(node: SimNode): Spread {
    const spread = {
      fromMs: this.nowMs,
      atMs: new Map<number, number>(),
      hops: new Map<number, number>(),
      pushes: 0,
    };
    this.#receiveFlood(spread, node, undefined, 0);
    return spread;
  }

  pickAlive(): SimNode {
    const alive = this.alive();
    return alive[this.chance.below(alive.length)] as SimNode;
  }

  step(node: SimNode, input: OverlayInput): void {
    if (!node.alive) return;
    for (const effect of node.overlay.step(input, this.nowMs)) this.#perform(node, effect);
    this.#arm(node);
  }

  #add(): SimNode {
    const index = this.nodes.length;
    const { parameters, tree, knowsMembers } = this.#options;
    let entered = false;
    const any = () => {
      // Whoever enters is told of one node that is in; the rest it learns.
      if ((entered && !knowsMembers) || this.nodes.length < 2) return undefined;
      entered = true;
      const other = this.chance.below(this.nodes.length - 1);
      return idOf(other < index ? other : other + 1);
    };
    const overlay = new Overlay({
      self: idOf(index),
      members: { count: () => this.members, has: () => true, any },
      random: new Chance(this.chance.next()),
      ...(parameters ? { parameters } : {}),
      ...(tree ? { tree } : {}),
    });
    const node = { index, overlay, alive: true, wakeAtMs: Infinity };
    this.nodes.push(node);
    return node;
  }

  #perform(node: SimNode, effect: OverlayEffect): void {
    switch (effect.kind) {
      case 'send':
        return this.#transmit(node, effect.to, effect.message);
      case 'push': {
        const { id, round } = effect;
        const spread = this.spreads.get(id);
        if (spread) spread.pushes++;
        this.#count('push');
        return this.#deliver(node, effect.to, true, (to) => {
          if (spread && !spread.hops.has(to.index)) spread.hops.set(to.index, round);
          this.step(to, { kind: 'pushed', from: idOf(node.index), id, round });
        });
      }
      case 'deliver': {
        const spread = this.spreads.get(effect.id);
        spread?.atMs.set(node.index, this.nowMs);
        return this.step(node, { kind: 'broadcast', id: effect.id });
      }
      case 'up':
      case 'down':
      case 'gap':
        return;
    }
  }

  #transmit(node: SimNode, to: IdKey, message: GossipMessage): void {
    this.#count(message.kind);
    const ofTree = message.kind === 'i-have' || message.kind === 'graft' || message.kind === 'prune';
    this.#deliver(node, to, ofTree, (peer) =>
      this.step(peer, { kind: 'message', from: idOf(node.index), message }),
    );
  }

  #deliver(node: SimNode, to: IdKey, mayGetLost: boolean, run: (to: SimNode) => void): void {
    const peer = this.#node(to);
    const latencyMs = this.#options.latencyMs?.(node.index, peer.index) ?? 50;
    if (mayGetLost && this.#options.loss && this.chance.below(1_000) < 1_000 * this.#options.loss) return;
    this.#schedule(latencyMs, () => {
      if (peer.alive && !this.#cut?.(node.index, peer.index)) run(peer);
      else this.#schedule(latencyMs, () => this.step(node, { kind: 'lost', peer: to }));
    });
  }

  #receiveFlood(spread: Spread, node: SimNode, from: SimNode | undefined, hop: number): void {
    if (!node.alive || spread.atMs.has(node.index)) return;
    spread.atMs.set(node.index, this.nowMs);
    spread.hops.set(node.index, hop);
    for (const peer of node.overlay.active()) {
      if (from && peer === idOf(from.index)) continue;
      spread.pushes++;
      this.#deliver(node, peer, false, (to) => this.#receiveFlood(spread, to, node, hop + 1));
    }
  }

  #node(id: IdKey): SimNode {
    const node = this.nodes[indexOf(id)];
    assert(node, 'only nodes that there are get into views');
    return node;
  }

  #arm(node: SimNode): void {
    const atMs = Math.max(node.overlay.wakeAtMs, this.nowMs);
    if (atMs === Infinity || node.wakeAtMs <= atMs) return;
    node.wakeAtMs = atMs;
    this.#schedule(atMs - this.nowMs, () => {
      if (node.wakeAtMs !== atMs) return;
      node.wakeAtMs = Infinity;
      if (!node.alive) return;
      this.step(node, { kind: 'wake' });
      this.#arm(node);
    });
  }

  #count(kind: string): void {
    this.sent[kind] = (this.sent[kind] ?? 0) + 1;
  }

  #schedule(delayMs: number, run: () => void): void {
    this.#events.push({ atMs: this.nowMs + delayMs, order: this.#order++, run });
  }
}
