// Overlays of many nodes in one virtual time, over links of equal length that lose nothing.
import { Overlay } from '@lattice/gossip';
import { Heap } from '@lattice/model';
import { SeededRandom } from '@lattice/testkit';

const startEveryMs = 50;
/** For views to fill up: some periods of those that are not full. */
const settleMs = 180_000;
/** By then whatever was told is with all, grafts and all. */
const tellMs = 5_000;

export class GossipWorld {
  #nodes = [];
  /** What is to come, in order; of the same time, in the order in which it was scheduled. */
  #events = new Heap((a, b) => a.atMs - b.atMs || a.order - b.order);
  #scheduled = 0;
  #nowMs = 0;
  #linkMs;
  #random;
  #told;

  constructor({ count, linkMs, seed }) {
    this.#linkMs = linkMs;
    this.#random = new SeededRandom(seed);
    for (let i = 0; i < count; i++) this.#nodes.push(this.#newNode(i, count));
  }

  /** All start, one after the other, and their views fill up. */
  grow() {
    const [first, ...others] = this.#nodes;
    first.hasStarted = true;
    for (const node of others) {
      node.hasStarted = true;
      this.#step(node, { kind: 'start' });
      this.#runFor(startEveryMs);
    }
    this.#step(first, { kind: 'start' });
    this.#runFor(settleMs);
  }

  anybody() {
    return this.#random.below(this.#nodes.length);
  }

  /** Has a node tell all: after how many ms each had it, and how many payloads were sent. */
  tell(from) {
    const told = { id: hexOf(this.#random.bytes(16)), sinceMs: this.#nowMs, delaysMs: [], payloads: 0 };
    this.#told = told;
    this.#step(this.#nodes[from], { kind: 'broadcast', id: told.id });
    this.#runFor(tellMs);
    return told;
  }

  /** The fewest links from a node to each other one, over active views. */
  hopsFrom(from) {
    const hops = [];
    hops[from] = 0;
    const queue = [from];
    for (const node of queue) {
      for (const peer of this.#nodes[node].overlay.active().map(indexOf)) {
        if (hops[peer] !== undefined) continue;
        hops[peer] = hops[node] + 1;
        queue.push(peer);
      }
    }
    return hops;
  }

  #newNode(index, count) {
    const self = keyOf(index);
    const random = this.#random;
    const anyOther = () => {
      const other = this.#nodes[random.below(count)];
      return other.hasStarted && other.key !== self ? other.key : undefined;
    };
    const members = { count: () => count, has: () => true, any: anyOther };
    return {
      key: self,
      overlay: new Overlay({ self, random, members }),
      hasStarted: false,
      wakeAtMs: Infinity,
    };
  }

  #runFor(ms) {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#events.peek(); next?.atMs <= untilMs; next = this.#events.peek()) {
      this.#events.pop();
      this.#nowMs = next.atMs;
      if (next.input.kind === 'wake') {
        if (next.node.wakeAtMs > next.atMs) continue;
        next.node.wakeAtMs = Infinity;
      }
      this.#step(next.node, next.input);
    }
    this.#nowMs = untilMs;
  }

  #step(node, input) {
    for (const effect of node.overlay.step(input, this.#nowMs)) this.#perform(node, effect);
    const { wakeAtMs } = node.overlay;
    if (wakeAtMs >= node.wakeAtMs) return;
    node.wakeAtMs = Math.max(wakeAtMs, this.#nowMs);
    this.#schedule(node.wakeAtMs, node, { kind: 'wake' });
  }

  #perform(node, effect) {
    switch (effect.kind) {
      case 'send':
        return this.#deliver(effect.to, { kind: 'message', from: node.key, message: effect.message });
      case 'push':
        if (effect.id === this.#told?.id) this.#told.payloads++;
        return this.#deliver(effect.to, {
          kind: 'pushed',
          from: node.key,
          id: effect.id,
          round: effect.round,
        });
      case 'deliver':
        if (effect.id === this.#told?.id)
          this.#told.delaysMs[indexOf(node.key)] = this.#nowMs - this.#told.sinceMs;
        return this.#step(node, { kind: 'broadcast', id: effect.id });
    }
  }

  #deliver(to, input) {
    const node = this.#nodes[indexOf(to)];
    if (node.hasStarted) this.#schedule(this.#nowMs + this.#linkMs, node, input);
  }

  #schedule(atMs, node, input) {
    this.#events.push({ atMs, order: this.#scheduled++, node, input });
  }
}

function keyOf(index) {
  return index.toString(16).padStart(64, '0');
}

function indexOf(key) {
  return Number.parseInt(key, 16);
}

function hexOf(bytes) {
  return Buffer.from(bytes).toString('hex');
}
