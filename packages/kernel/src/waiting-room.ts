import { type EntryRef, type Hash, type Hlc, type IdKey, idKey } from '@lattice/model';
import type { VerifiedBundle } from './verify.js';

/** Who handed a bundle over: a peer's key, or this node's own log. */
export type Sender = IdKey | 'log';

export interface Waiting {
  readonly bundle: VerifiedBundle;
  readonly from: Sender;
  /** Where the bundle lies in the log already, for one that a damaged log gave back. */
  readonly offset?: number;
}

/** How many entries of one sender may wait, and of all senders together. What exceeds it is dropped, the oldest first. */
const perSenderMax = 4_096;
const inAllMax = 65_536;

export interface Guest extends Waiting {
  /** The ancestor that is missing; or, for a held bundle, the time to come. */
  readonly until: { readonly ancestor: EntryRef } | { readonly time: Hlc };
}

/**
 * Where bundles wait that cannot enter the DAG yet: *pending* ones for an ancestor, *held* ones for local time to reach
 * theirs. They are in no tip, digest or forward. Kept in memory only: a peer that has them will offer them again.
 */
export class WaitingRoom {
  readonly #guests = new Set<Guest>();
  readonly #byAncestor = new Map<IdKey, Set<Guest>>();
  readonly #entriesOf = new Map<Sender, number>();
  #pending = 0;
  #held = 0;

  park(waiting: Waiting, ancestor: EntryRef): void {
    const guest: Guest = { ...waiting, until: { ancestor } };
    const key = idKey(ancestor.hash);
    const others = this.#byAncestor.get(key);
    if (others) others.add(guest);
    else this.#byAncestor.set(key, new Set([guest]));
    this.#seat(guest);
  }

  hold(waiting: Waiting, time: Hlc): void {
    this.#seat({ ...waiting, until: { time } });
  }

  /** Takes out what waited for this entry. */
  arrived(hash: Hash): readonly Waiting[] {
    if (this.#byAncestor.size === 0) return [];
    const guests = [...(this.#byAncestor.get(idKey(hash)) ?? [])];
    for (const guest of guests) this.#remove(guest);
    return guests;
  }

  /** Takes out what was held for a time that is now within the horizon. */
  due(horizon: Hlc): readonly Waiting[] {
    const guests = [...this.#guests].filter((guest) => 'time' in guest.until && guest.until.time <= horizon);
    for (const guest of guests) this.#remove(guest);
    return guests;
  }

  /** The earliest time that something is held for. */
  nextDue(): Hlc | undefined {
    let earliest: Hlc | undefined;
    for (const { until } of this.#guests) {
      if ('time' in until && (earliest === undefined || until.time < earliest)) earliest = until.time;
    }
    return earliest;
  }

  /** All that wait, those that came first in front. */
  get guests(): Iterable<Guest> {
    return this.#guests;
  }

  /** Entries that wait for an ancestor. */
  get pending(): number {
    return this.#pending;
  }

  /** Entries that wait for their time. */
  get held(): number {
    return this.#held;
  }

  /**
   * From where the log would have to be replayed, all before `end` having been: from the first of its bundles that still
   * wait, if any.
   */
  replayFrom(end: number): number {
    if (!this.hasLogged) return end;
    return Math.min(end, ...[...this.#guests].flatMap(({ offset }) => offset ?? []));
  }

  /** Whether bundles of this node's own log wait: its history has a hole that peers must fill. */
  get hasLogged(): boolean {
    return (this.#entriesOf.get('log') ?? 0) > 0;
  }

  #seat(guest: Guest): void {
    this.#guests.add(guest);
    this.#count(guest, 1);
    if (guest.from === 'log') return;
    const { from } = guest;
    while ((this.#entriesOf.get(from) ?? 0) > perSenderMax)
      this.#removeOldest((other) => other.from === from);
    while (this.#pending + this.#held - (this.#entriesOf.get('log') ?? 0) > inAllMax) {
      this.#removeOldest((other) => other.from !== 'log');
    }
  }

  #removeOldest(chosen: (guest: Guest) => boolean): void {
    for (const guest of this.#guests) {
      if (chosen(guest)) return this.#remove(guest);
    }
  }

  #remove(guest: Guest): void {
    this.#guests.delete(guest);
    this.#count(guest, -1);
    if (!('ancestor' in guest.until)) return;
    const key = idKey(guest.until.ancestor.hash);
    const others = this.#byAncestor.get(key);
    others?.delete(guest);
    if (others?.size === 0) this.#byAncestor.delete(key);
  }

  #count(guest: Guest, sign: 1 | -1): void {
    const entries = sign * guest.bundle.entries.length;
    if ('ancestor' in guest.until) this.#pending += entries;
    else this.#held += entries;
    const ofSender = (this.#entriesOf.get(guest.from) ?? 0) + entries;
    if (ofSender === 0) this.#entriesOf.delete(guest.from);
    else this.#entriesOf.set(guest.from, ofSender);
  }
}
