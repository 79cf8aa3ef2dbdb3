import { type EntryRef, type Hash, type Hlc, type IdKey, idKey } from '@lattice/model';
import { LoggedGuests, loggedMax } from './logged-guests.js';
import type { VerifiedBundle } from './verify.js';

/** Who handed a bundle over: a peer's key, or this node's own log. */
export type Sender = IdKey | 'log';

export interface Waiting {
  readonly bundle: VerifiedBundle;
  readonly from: Sender;
  /** Where the bundle lies in the log already, for one that a damaged log gave back. */
  readonly offset?: number;
}

/** How much of one sender may wait, and of all senders together. What exceeds it is dropped, the oldest first. */
const perSenderMax: Load = { entries: 4_096, bytes: 16 * 1024 * 1024 };
const inAllMax: Load = { entries: 65_536, bytes: 64 * 1024 * 1024 };

/** Entries, and the bytes of their payloads. */
interface Load {
  readonly entries: number;
  readonly bytes: number;
}

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
  readonly #loadOf = new Map<Sender, Load>();
  readonly #logged = new LoggedGuests();
  /** Of all peers together. */
  #load: Load = nothing;
  #seatedLogged = 0;
  #pending = 0;
  #held = 0;

  park(waiting: Waiting, ancestor: EntryRef): void {
    const { offset, bundle } = waiting;
    if (
      offset !== undefined &&
      !this.#logged.add(offset, bundle.entries.length, this.#loadOf.get('log') ?? nothing)
    )
      return;
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

  /** All that wait, those that came first in front. */
  get guests(): Iterable<Guest> {
    return this.#guests;
  }

  /** Entries that wait for an ancestor, those of the log included for which memory has no room. */
  get pending(): number {
    return this.#pending + this.#logged.entriesTurnedAway;
  }

  /** Entries that wait for their time. */
  get held(): number {
    return this.#held;
  }

  /** A bundle of the log that was taken out is in the DAG now, or about to be, or waits again. */
  placed(offset: number): void {
    this.#logged.remove(offset);
  }

  /**
   * From where the log would have to be replayed, all before `end` having been: from the first of its bundles that still
   * wait, if any.
   */
  replayFrom(end: number): number {
    return Math.min(end, this.#logged.first ?? end);
  }

  /** Whether bundles of this node's own log wait: its history has a hole that peers must fill. */
  get hasLogged(): boolean {
    return this.#logged.first !== undefined;
  }

  /** Whether some of those bundles are on their way into the DAG. */
  get isPlacingLogged(): boolean {
    return this.#logged.size > this.#seatedLogged;
  }

  /** Whether more bundles of the log wait than memory has room for. */
  get isCrowded(): boolean {
    return this.#logged.isCrowded;
  }

  /** Whether bundles of the log found no room although most of what took it is gone: another replay seats them. */
  get wantsReplay(): boolean {
    return this.#logged.isCrowded && !isOver(this.#loadOf.get('log') ?? nothing, half);
  }

  /**
   * Lets bundles of peers go that wait for an ancestor, and need not any more: of those that end with one of these. Not while
   * others are held: what is waited for may be among them, and come.
   */
  letGoOfEndingWith(ends: ReadonlySet<IdKey>, chosen: (bundle: VerifiedBundle) => boolean): void {
    if (this.#held > 0) return;
    for (const guest of this.#guests) {
      if (guest.from === 'log' || !('ancestor' in guest.until)) continue;
      const last = guest.bundle.hashes.at(-1);
      if (last && ends.has(idKey(last)) && chosen(guest.bundle)) this.#remove(guest);
    }
  }

  /** Lets bundles go that are in the log, which need not wait any more. */
  letGoOfLogged(chosen: (bundle: VerifiedBundle) => boolean): void {
    for (const guest of this.#guests) {
      if (guest.offset === undefined || !chosen(guest.bundle)) continue;
      this.#remove(guest);
      this.#logged.remove(guest.offset);
    }
  }

  /** Lets all that is in the log go, which is about to be replayed from where `replayFrom` said. */
  forgetLogged(): void {
    if (!this.hasLogged) return;
    for (const guest of this.#guests) if (guest.from === 'log') this.#remove(guest);
    this.#logged.clear();
  }

  #seat(guest: Guest): void {
    this.#guests.add(guest);
    this.#count(guest, 1);
    const { from } = guest;
    if (from === 'log') return;
    while (isOver(this.#loadOf.get(from) ?? nothing, perSenderMax))
      this.#removeOldest((other) => other.from === from);
    while (isOver(this.#load, inAllMax)) this.#removeOldest((other) => other.from !== 'log');
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

  #count({ bundle, from, until }: Guest, sign: 1 | -1): void {
    const entries = sign * bundle.entries.length;
    const bytes = sign * bundle.entries.reduce((sum, { payload }) => sum + payload.length, 0);
    const added = (load: Load): Load => ({ entries: load.entries + entries, bytes: load.bytes + bytes });
    if ('ancestor' in until) this.#pending += entries;
    else this.#held += entries;
    if (from === 'log') this.#seatedLogged += sign;
    else this.#load = added(this.#load);
    const ofSender = added(this.#loadOf.get(from) ?? nothing);
    if (ofSender.entries === 0) this.#loadOf.delete(from);
    else this.#loadOf.set(from, ofSender);
  }
}

const nothing: Load = { entries: 0, bytes: 0 };
const half: Load = { entries: loggedMax.entries / 2, bytes: loggedMax.bytes / 2 };

function isOver(load: Load, max: Load): boolean {
  return load.entries > max.entries || load.bytes > max.bytes;
}
