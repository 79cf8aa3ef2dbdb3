import { type IdKey, unreachable } from '@lattice/model';
import { below, pick, sample } from './chance.js';
import { ttlMax, type ViewMessage } from './messages.js';
import { PassiveView } from './passive-view.js';
import { PeerRates } from './peer-rates.js';
import { viewSizes } from './view-sizes.js';
import {
  defaultViewParameters,
  type ViewEffect,
  type ViewInput,
  type ViewParameters,
  type ViewsOptions,
} from './view-types.js';

/** How many peers may refuse between two wakes before no other is asked: most of a mesh is full most of the time. */
const refusalsMax = 3;
/** How many members that nobody has told of are tried between two wakes. */
const strangersMax = 8;

/**
 * HyParView (Leitão, Pereira, Rodrigues: "HyParView: a membership protocol for reliable gossip-based broadcast", DSN 2007)
 * as a state machine without I/O. The active view is small and symmetric: its links are open, and a break is noticed. The
 * passive view is larger, and holds who may take the place of a peer that fails.
 *
 * Where the paper takes a link for accepted once it is made, here each is asked for and answered, and whoever answers
 * without having been asked, or refuses, is in no view: so that views are symmetric whatever crosses on the way.
 */
export class Views {
  readonly #options: ViewsOptions;
  readonly #parameters: ViewParameters;
  readonly #active = new Set<IdKey>();
  readonly #passive: PassiveView;
  /** Who was asked to be a neighbor, and until when it may answer. */
  readonly #asked = new Map<IdKey, number>();
  readonly #rates = new PeerRates();
  /** What was told in shuffles since the last wake: those make room for the answers. */
  #told: IdKey[] = [];
  readonly #tried = new Set<IdKey>();
  #refusals = 0;
  #strangers = 0;
  #activeMax: number;
  #nextShuffleMs = Infinity;
  #effects: ViewEffect[] = [];

  constructor(options: ViewsOptions) {
    this.#options = options;
    this.#parameters = { ...defaultViewParameters, ...options.parameters };
    const { active, passive } = viewSizes(options.members.count());
    this.#activeMax = active;
    this.#passive = new PassiveView(options.random, passive);
  }

  active(): readonly IdKey[] {
    return [...this.#active];
  }

  /** Whether the peer is in the active view. */
  has(peer: IdKey): boolean {
    return this.#active.has(peer);
  }

  passive(): readonly IdKey[] {
    return this.#passive.nodes();
  }

  /** When it wants to be woken; by the clock of `step`. */
  get wakeAtMs(): number {
    return Math.min(this.#nextShuffleMs, ...this.#asked.values());
  }

  step(input: ViewInput, nowMs: number): readonly ViewEffect[] {
    this.#handle(input, nowMs);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #handle(input: ViewInput, nowMs: number): void {
    switch (input.kind) {
      case 'start':
        this.#nextShuffleMs = nowMs + this.#period();
        return this.#enter(this.#options.members.any(), nowMs);
      case 'message':
        return this.#onMessage(input.from, input.message, nowMs);
      case 'lost':
        return this.#onLost(input.peer, nowMs);
      case 'members':
        return this.#onMembers(nowMs);
      case 'wake':
        return this.#onWake(nowMs);
      default:
        return unreachable(input);
    }
  }

  #onMessage(from: IdKey, message: ViewMessage, nowMs: number): void {
    if (from === this.#options.self || !this.#options.members.has(from)) return;
    if (!this.#rates.allow(from, message.kind, nowMs)) return;
    switch (message.kind) {
      case 'join':
        return this.#onJoin(from);
      case 'forward-join':
        return this.#onForwardJoin(from, message.node, Math.min(message.ttl, ttlMax), nowMs);
      case 'neighbor':
        return this.#onNeighbor(from, message.high);
      case 'neighbor-reply':
        return this.#onNeighborReply(from, message.accepted, nowMs);
      case 'disconnect':
        return this.#onDisconnect(from, nowMs);
      case 'shuffle':
        return this.#onShuffle(from, message);
      case 'shuffle-reply':
        return this.#takeIn(message.nodes, this.#told);
      default:
        return unreachable(message);
    }
  }

  #enter(contact: IdKey | undefined, nowMs: number): void {
    if (contact === undefined || this.#active.has(contact) || this.#asked.has(contact)) return;
    this.#asked.set(contact, nowMs + this.#parameters.requestMaxMs);
    this.#send(contact, { kind: 'join' });
  }

  #onJoin(from: IdKey): void {
    this.#befriend(from);
    this.#send(from, { kind: 'neighbor-reply', accepted: true });
    for (const peer of this.#active)
      if (peer !== from) this.#send(peer, { kind: 'forward-join', node: from, ttl: this.#parameters.arwl });
  }

  #onForwardJoin(from: IdKey, node: IdKey, ttl: number, nowMs: number): void {
    this.#noteNeighborly(from);
    if (!this.#isOther(node)) return;
    if (ttl === 0 || this.#active.size <= 1) return this.#ask(node, true, nowMs);
    if (ttl === this.#parameters.prwl) this.#addCandidate(node);
    const next = this.#otherThan(from, node);
    if (next === undefined) this.#ask(node, true, nowMs);
    else this.#send(next, { kind: 'forward-join', node, ttl: ttl - 1 });
  }

  #onNeighbor(from: IdKey, high: boolean): void {
    const accepted = high || this.#active.has(from) || this.#active.size < this.#activeMax;
    if (accepted) this.#befriend(from);
    this.#send(from, { kind: 'neighbor-reply', accepted });
  }

  #onNeighborReply(from: IdKey, accepted: boolean, nowMs: number): void {
    const wasAsked = this.#asked.delete(from);
    if (accepted && this.#active.has(from)) return;
    if (accepted && wasAsked) this.#befriend(from);
    else if (accepted) this.#send(from, { kind: 'disconnect' });
    else this.#part(from);
    if (!accepted && wasAsked) {
      this.#tried.add(from);
      this.#refusals++;
    }
    this.#repair(nowMs);
  }

  #onDisconnect(from: IdKey, nowMs: number): void {
    if (!this.#part(from)) return;
    this.#addCandidate(from);
    // Not the one who has just had to make room.
    this.#tried.add(from);
    this.#repair(nowMs);
  }

  #onShuffle(from: IdKey, { origin, ttl, nodes }: ViewMessage & { kind: 'shuffle' }): void {
    this.#noteNeighborly(from);
    if (!this.#isOther(origin)) return;
    const left = Math.min(ttl, ttlMax) - 1;
    const next = left > 0 && this.#active.size > 1 ? this.#otherThan(from, origin) : undefined;
    if (next !== undefined) return this.#send(next, { kind: 'shuffle', origin, ttl: left, nodes });
    const reply = this.#passive.sample(nodes.length + 1).filter((node) => node !== origin);
    this.#send(origin, { kind: 'shuffle-reply', nodes: reply });
    this.#takeIn([origin, ...nodes], [...reply]);
  }

  #onLost(peer: IdKey, nowMs: number): void {
    const wasActive = this.#part(peer);
    const wasAsked = this.#asked.delete(peer);
    this.#rates.forget(peer);
    if (!wasActive && !wasAsked) return;
    this.#passive.delete(peer);
    this.#tried.add(peer);
    this.#repair(nowMs);
  }

  #onMembers(nowMs: number): void {
    const { members } = this.#options;
    const { active, passive } = viewSizes(members.count());
    this.#activeMax = active;
    this.#passive.resize(passive);
    for (const peer of this.#active) if (!members.has(peer)) this.#part(peer);
    for (const peer of this.#passive.nodes()) if (!members.has(peer)) this.#passive.delete(peer);
    for (const peer of this.#asked.keys()) if (!members.has(peer)) this.#asked.delete(peer);
    while (this.#active.size > active) this.#dropOne();
    this.#repair(nowMs);
  }

  #onWake(nowMs: number): void {
    for (const [peer, untilMs] of this.#asked) if (untilMs <= nowMs) this.#onLost(peer, nowMs);
    if (nowMs < this.#nextShuffleMs) return;
    this.#tried.clear();
    this.#refusals = 0;
    this.#strangers = 0;
    this.#repair(nowMs);
    this.#shuffle();
    this.#rejoinSometimes(nowMs);
    this.#nextShuffleMs = nowMs + this.#period();
  }

  #shuffle(): void {
    const { ka, kp, shuffleTtl } = this.#parameters;
    const { self, random } = this.#options;
    const peer = pick(random, this.active());
    // Who has everybody in its views has nothing to learn.
    const others = this.#options.members.count() - 1;
    if (peer === undefined || this.#active.size + this.#passive.size >= others) return;
    const neighbors = [...this.#active].filter((one) => one !== peer);
    const candidates = this.#passive.sample(kp);
    this.#told = [...candidates];
    const nodes = [...sample(random, neighbors, ka), ...candidates];
    this.#send(peer, { kind: 'shuffle', origin: self, ttl: shuffleTtl, nodes });
  }

  /**
   * Not in the paper: an overlay that fell into halves while the network was cut stays so, each full of its own. Members are
   * known by the mesh store, so now and then one enters anew through any of them, as many in each period whatever the size.
   */
  #rejoinSometimes(nowMs: number): void {
    const { members, random } = this.#options;
    const count = members.count();
    if (this.#activeMax < count - 1 && below(random, count) < this.#parameters.rejoins)
      this.#enter(members.any(), nowMs);
  }

  /** Asks candidates for as long as the active view is not full. (HyParView, section 4.3.) */
  #repair(nowMs: number): void {
    while (this.#active.size + this.#asked.size < this.#activeMax && this.#refusals < refusalsMax) {
      const candidate = this.#nextCandidate();
      if (candidate === undefined) return;
      this.#ask(candidate, this.#active.size === 0, nowMs);
    }
  }

  #nextCandidate(): IdKey | undefined {
    const isNew = (node: IdKey) => !this.#tried.has(node) && !this.#asked.has(node) && this.#isOther(node);
    const known = pick(this.#options.random, this.#passive.nodes().filter(isNew));
    if (known !== undefined) return known;
    while (this.#strangers++ < strangersMax) {
      const stranger = this.#options.members.any();
      if (stranger !== undefined && !this.#active.has(stranger) && isNew(stranger)) return stranger;
    }
    return undefined;
  }

  #ask(peer: IdKey, high: boolean, nowMs: number): void {
    if (this.#active.has(peer) || this.#asked.has(peer)) return;
    // More at a time nobody needs: the news of many that enter at once need not all end in a link.
    if (this.#asked.size >= 2 * this.#activeMax) return this.#addCandidate(peer);
    this.#asked.set(peer, nowMs + this.#parameters.requestMaxMs);
    this.#send(peer, { kind: 'neighbor', high });
  }

  /** What only neighbors send came from a peer that is none: it is told so, as it must have missed that. */
  #noteNeighborly(peer: IdKey): void {
    if (!this.#active.has(peer)) this.#send(peer, { kind: 'disconnect' });
  }

  #befriend(peer: IdKey): void {
    if (this.#active.has(peer)) return;
    while (this.#active.size >= this.#activeMax && this.#active.size > 0) this.#dropOne();
    this.#passive.delete(peer);
    this.#active.add(peer);
    this.#effects.push({ kind: 'up', peer });
  }

  #dropOne(): void {
    const peer = pick(this.#options.random, this.active()) as IdKey;
    this.#send(peer, { kind: 'disconnect' });
    this.#part(peer);
    this.#addCandidate(peer);
  }

  #part(peer: IdKey): boolean {
    if (!this.#active.delete(peer)) return false;
    this.#effects.push({ kind: 'down', peer });
    return true;
  }

  #takeIn(nodes: readonly IdKey[], yielding: IdKey[]): void {
    for (const node of nodes) this.#addCandidate(node, yielding);
  }

  #addCandidate(node: IdKey, yielding?: IdKey[]): void {
    if (this.#isOther(node) && !this.#active.has(node)) this.#passive.add(node, yielding);
  }

  #isOther(node: IdKey): boolean {
    return node !== this.#options.self && this.#options.members.has(node);
  }

  #otherThan(...excluded: readonly IdKey[]): IdKey | undefined {
    return pick(
      this.#options.random,
      [...this.#active].filter((peer) => !excluded.includes(peer)),
    );
  }

  #send(to: IdKey, message: ViewMessage): void {
    this.#effects.push({ kind: 'send', to, message });
  }

  /** Some time around the period, so that a mesh that started at once does not shuffle at once. */
  #period(): number {
    const { shuffleEveryMs, hurryEveryMs } = this.#parameters;
    const isFull = this.#active.size >= this.#activeMax;
    const period = isFull ? shuffleEveryMs : hurryEveryMs;
    return Math.ceil(period * (0.75 + below(this.#options.random, 1_000) / 2_000));
  }
}
