import { type IdKey, unreachable } from '@lattice/model';
import { type KnownBroadcast, KnownBroadcasts } from './known-broadcasts.js';
import {
  type Announcement,
  announcementsMax,
  type BroadcastId,
  roundMax,
  type TreeMessage,
} from './messages.js';
import { MissingBroadcasts } from './missing.js';
import { Rate } from './rate.js';
import { defaultTreeParameters, type TreeEffect, type TreeInput, type TreeParameters } from './tree-types.js';

/** How often a peer may have a payload sent: each is up to 1 MiB for a message of some bytes. */
const grafts = { burst: 256, everyMs: 20 };

interface Link {
  eager: boolean;
  /** What is to be announced to it. */
  readonly queue: Announcement[];
  readonly grafts: Rate;
}

/**
 * Plumtree (Leitão, Pereira, Rodrigues: "Epidemic Broadcast Trees", SRDS 2007) as a state machine without I/O. Payloads are
 * pushed over eager links, which come to be a tree, since whoever gets one twice prunes the link; over the lazy ones they are
 * announced, and whoever does not get what was announced grafts one into the tree.
 *
 * Unlike in the paper a payload is passed on when the node has found it good, not before: what is forged gets nowhere.
 */
export class BroadcastTree {
  readonly #parameters: TreeParameters;
  readonly #links = new Map<IdKey, Link>();
  readonly #known = new KnownBroadcasts();
  readonly #missing = new MissingBroadcasts();
  #announceAtMs = Infinity;
  #effects: TreeEffect[] = [];

  constructor(parameters: Partial<TreeParameters> = {}) {
    this.#parameters = { ...defaultTreeParameters, ...parameters };
  }

  eager(): readonly IdKey[] {
    return [...this.#links].filter(([, link]) => link.eager).map(([peer]) => peer);
  }

  /** When it wants to be woken; by the clock of `step`. */
  get wakeAtMs(): number {
    return Math.min(this.#announceAtMs, this.#missing.nextDueMs);
  }

  /** Whether that came by a push along the tree, as far as is remembered. */
  cameByPush(id: BroadcastId): boolean {
    return this.#known.get(id)?.from !== undefined;
  }

  step(input: TreeInput, nowMs: number): readonly TreeEffect[] {
    this.#handle(input, nowMs);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #handle(input: TreeInput, nowMs: number): void {
    switch (input.kind) {
      case 'up':
        if (!this.#links.has(input.peer))
          this.#links.set(input.peer, { eager: true, queue: [], grafts: new Rate(grafts, nowMs) });
        return;
      case 'down':
        this.#links.delete(input.peer);
        return this.#missing.lost(input.peer);
      case 'message':
        return this.#onMessage(input.from, input.message, nowMs);
      case 'pushed':
        return this.#onPushed(input.from, input.id, Math.min(input.round, roundMax), nowMs);
      case 'broadcast':
        return this.#onBroadcast(input.id, input.announceOnly ?? false, nowMs);
      case 'wake':
        return this.#onWake(nowMs);
      default:
        return unreachable(input);
    }
  }

  #onMessage(from: IdKey, message: TreeMessage, nowMs: number): void {
    const link = this.#links.get(from);
    if (!link) return;
    switch (message.kind) {
      case 'i-have':
        return this.#onIHave(from, message.announcements, nowMs);
      case 'graft':
        link.eager = true;
        return this.#onGraft(from, link, message.id, nowMs);
      case 'prune':
        link.eager = false;
        return;
      default:
        return unreachable(message);
    }
  }

  #onPushed(from: IdKey, id: BroadcastId, round: number, nowMs: number): void {
    const link = this.#links.get(from);
    if (this.#known.get(id)) return this.#onPushedAgain(from, link);
    this.#known.add(id, round, from, nowMs);
    const others = this.#missing.arrived(id);
    if (link) link.eager = true;
    this.#effects.push({ kind: 'deliver', from, id });
    if (link) this.#optimize(from, round, others);
  }

  /**
   * The way is one too many, unless it is the only one left: where many begin to tell at once, each message would prune the
   * ways of the others. (The paper has one sender while the tree comes to be.)
   */
  #onPushedAgain(from: IdKey, link: Link | undefined): void {
    const hasOther = [...this.#links.values()].some((one) => one !== link && one.eager);
    if (!link || !hasOther) return;
    link.eager = false;
    this.#send(from, { kind: 'prune' });
  }

  /** Who announced it came by a way that is so much shorter that the tree had better go there. (Section 3.8.) */
  #optimize(
    pusher: IdKey,
    round: number,
    announcers: readonly { readonly peer: IdKey; readonly round: number }[],
  ): void {
    const { threshold } = this.#parameters;
    const shorter = announcers.find(
      (one) => one.peer !== pusher && this.#links.has(one.peer) && round - one.round >= threshold,
    );
    if (threshold === 0 || !shorter) return;
    this.#graft(shorter.peer);
    const link = this.#links.get(pusher);
    if (link) link.eager = false;
    this.#send(pusher, { kind: 'prune' });
  }

  #onBroadcast(id: BroadcastId, announceOnly: boolean, nowMs: number): void {
    const known = this.#known.get(id) ?? this.#known.add(id, 0, undefined, nowMs);
    if (known.isPassedOn) return;
    known.isPassedOn = true;
    this.#missing.arrived(id);
    const round = nextRound(known);
    if (known.round === 0 && !announceOnly) this.#keepAWay();
    for (const [peer, link] of this.#links) {
      if (peer === known.from) continue;
      if (link.eager && !announceOnly) this.#effects.push({ kind: 'push', to: peer, id, round });
      else this.#announce(link, { id, round }, nowMs);
    }
  }

  /** Whom all have pruned does not wait with what is new until somebody asks. */
  #keepAWay(): void {
    const [first, ...others] = this.#links.values();
    if (first && !first.eager && !others.some(({ eager }) => eager)) first.eager = true;
  }

  #announce(link: Link, announcement: Announcement, nowMs: number): void {
    // One that falls out here comes with a sync.
    if (link.queue.length >= announcementsMax) link.queue.shift();
    link.queue.push(announcement);
    this.#announceAtMs = Math.min(this.#announceAtMs, nowMs + this.#parameters.announceAfterMs);
  }

  #onIHave(from: IdKey, announcements: readonly Announcement[], nowMs: number): void {
    const dueMs = nowMs + this.#parameters.graftAfterMs;
    for (const { id, round } of announcements.slice(0, announcementsMax))
      if (!this.#known.get(id)) this.#missing.announced(from, { id, round }, dueMs);
  }

  #onGraft(from: IdKey, link: Link, id: BroadcastId | undefined, nowMs: number): void {
    const known = id === undefined ? undefined : this.#known.get(id);
    if (id === undefined || !known?.isPassedOn || !link.grafts.take(nowMs)) return;
    this.#effects.push({ kind: 'push', to: from, id, round: nextRound(known) });
  }

  #onWake(nowMs: number): void {
    for (const id of this.#missing.due(nowMs)) this.#askForMissing(id, nowMs);
    if (nowMs < this.#announceAtMs) return;
    this.#announceAtMs = Infinity;
    for (const [peer, { queue }] of this.#links)
      if (queue.length > 0) this.#send(peer, { kind: 'i-have', announcements: queue.splice(0) });
  }

  #askForMissing(id: BroadcastId, nowMs: number): void {
    const { ask, gaveUpOn } = this.#missing.askNext(id, nowMs + this.#parameters.nextGraftAfterMs);
    if (ask !== undefined) this.#graft(ask, id);
    if (gaveUpOn !== undefined) this.#effects.push({ kind: 'gap', from: gaveUpOn, id });
  }

  #graft(peer: IdKey, id?: BroadcastId): void {
    const link = this.#links.get(peer);
    if (link) link.eager = true;
    this.#send(peer, id === undefined ? { kind: 'graft' } : { kind: 'graft', id });
  }

  #send(to: IdKey, message: TreeMessage): void {
    this.#effects.push({ kind: 'send', to, message });
  }
}

function nextRound({ round }: KnownBroadcast): number {
  return Math.min(round + 1, roundMax);
}
