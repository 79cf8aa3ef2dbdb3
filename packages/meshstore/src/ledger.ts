import {
  compareBytes,
  type Dot,
  type EntryRef,
  equalBytes,
  type IdKey,
  idKey,
  type NodeId,
} from '@lattice/model';
import { getOrAdd } from './get-or-add.js';
import type { MeshEntry, MeshHistory, MeshPast } from './history.js';
import { insertSorted } from './insert-sorted.js';
import type { AdmitOp, InviteOp, MeshOp, RevokeOp } from './op.js';
import type { Member, MeshInvite } from './view.js';

export interface AuthorState {
  readonly id: NodeId;
  readonly key: IdKey;
  readonly isCreator: boolean;
  /** In the ledger's order. */
  readonly entries: EntryState[];
  /** Of this node, by seniority. */
  readonly admissions: AdmissionState[];
  /** As it was listed last, unless another admission lets it in since, or does no more. */
  listed: Member | undefined;
}

export interface EntryState {
  readonly entry: MeshEntry;
  /** Place among the ledger's entries, so far. */
  order: number;
  readonly author: AuthorState;
  readonly admissions: AdmissionState[];
  readonly revocations: RevocationState[];
  /** On invites in this entry. */
  readonly inviteAdmissions: AdmissionState[];
  /** How many members' counted revocations do not accept this entry, so far. */
  rejections: number;
  /** Whether it counts, so far. */
  counts: boolean;
  /** The author's first admission that this entry sees and that lets somebody in, so far: the author's seniority here. */
  rank: AdmissionState | undefined;
}

/** An operation's place: that of its entry, and its index within it. */
export interface PlacedOp {
  readonly at: EntryState;
  readonly index: number;
}

export interface InviteState extends PlacedOp {
  readonly op: InviteOp;
  /** In the ledger's order. */
  readonly admissions: readonly AdmissionState[];
  /** As it was listed last, unless somebody was let in on it since, or is no more. */
  listed: MeshInvite | undefined;
}

export interface AdmissionState extends PlacedOp {
  readonly op: AdmitOp;
  readonly node: AuthorState;
  /** What it names as its invite; `undefined` where no such invite was there when this one came: it does not see it. */
  readonly invite: InviteState | undefined;
  /** How many members revoked the inviter in this admission's past, without accepting the invite, so far. */
  refusals: number;
  /** Whether it lets its node in, so far. */
  admits: boolean;
}

export interface RevocationState extends PlacedOp {
  readonly op: RevokeOp;
  readonly target: AuthorState;
  /** Once it is counted: what it names in the mesh store itself and in its own past. */
  named: readonly EntryRef[];
}

/** Something that is named, made or removed: whether it holds depends on nothing but its entry. */
export interface Remark extends PlacedOp {
  readonly op: Exclude<MeshOp, InviteOp | AdmitOp | RevokeOp>;
}

/**
 * A history as the rules of membership look at it: entries in order, by author, with invites, admissions and
 * revocations found and tied together. What the states say *so far* changes while counting, and as entries are added.
 */
export class Ledger {
  readonly past: MeshPast;
  readonly #entries: EntryState[] = [];
  readonly #authors = new Map<string, AuthorState>();
  readonly #invites: InviteState[] = [];
  readonly #remarks: Remark[] = [];
  readonly #invitesByDot = new Map<string, InviteState>();
  /** By the dot of what they name as their invite, there or not; in order. */
  readonly #admissionsOn = new Map<string, AdmissionState[]>();

  constructor(history: MeshHistory) {
    this.past = history;
    this.#author(history.genesis.creator);
    this.add(history.entries);
  }

  /** By (time, author, hash). Time grows along causality, so each entry stands behind all that it sees. */
  get entries(): readonly EntryState[] {
    return this.#entries;
  }

  /** All who wrote, or were admitted or revoked; the creator in any case. */
  get authors(): Iterable<AuthorState> {
    return this.#authors.values();
  }

  /** In the order of their entries. */
  get invites(): readonly InviteState[] {
    return this.#invites;
  }

  /** In the order of their entries. */
  get remarks(): readonly Remark[] {
    return this.#remarks;
  }

  /** Adds entries in any order, each once and together with all that it sees, unless that is there. Returns them in order. */
  add(entries: readonly MeshEntry[]): readonly EntryState[] {
    const added = entries.map((entry) => newEntry(entry, this.#author(entry.author))).sort(compareEntries);
    this.#takePlaces(added);
    for (const state of added) {
      insertSorted(state.author.entries, state, compareOrder);
      this.#tie(state);
    }
    return added;
  }

  #takePlaces(added: readonly EntryState[]): void {
    const [first, last] = [added[0], this.#entries.at(-1)];
    const isBehind = !first || !last || compareEntries(last, first) < 0;
    const from = isBehind ? this.#entries.length : 0;
    for (const state of added) this.#entries.push(state);
    if (!isBehind) this.#entries.sort(compareEntries);
    for (let order = from; order < this.#entries.length; order++) {
      const state = this.#entries[order];
      if (state) state.order = order;
    }
  }

  #tie(at: EntryState): void {
    for (const { index, op } of at.entry.operations) {
      if (op.kind === 'invite') this.#addInvite({ at, index }, op);
      else if (op.kind === 'admit') this.#addAdmission({ at, index }, op);
      else if (op.kind === 'revoke')
        at.revocations.push({ at, index, op, target: this.#author(op.node), named: [] });
      else insertSorted(this.#remarks, { at, index, op }, comparePlaces);
    }
  }

  #addInvite(place: PlacedOp, op: InviteOp): void {
    const key = dotKey(dotOf(place));
    const invite = {
      ...place,
      op,
      admissions: getOrAdd(this.#admissionsOn, key, noAdmissions),
      listed: undefined,
    };
    this.#invitesByDot.set(key, invite);
    insertSorted(this.#invites, invite, comparePlaces);
  }

  #addAdmission(place: PlacedOp, op: AdmitOp): void {
    const key = dotKey(op.invite);
    const invite = this.#invitesByDot.get(key);
    const admission = { ...place, op, node: this.#author(op.node), invite, refusals: 0, admits: false };
    place.at.admissions.push(admission);
    insertSorted(admission.node.admissions, admission, compareSeniority);
    insertSorted(getOrAdd(this.#admissionsOn, key, noAdmissions), admission, comparePlaces);
    invite?.at.inviteAdmissions.push(admission);
  }

  #author(id: NodeId): AuthorState {
    const isCreator = (): boolean => equalBytes(id, this.past.genesis.creator);
    return getOrAdd(this.#authors, bytesKey(id), () => newAuthor(id, isCreator()));
  }
}

/** Whether an operation lies in another's causal past; within one entry, later ones see earlier ones. */
export function opSees(past: MeshPast, later: PlacedOp, earlier: PlacedOp): boolean {
  if (later.at === earlier.at) return earlier.index < later.index;
  return entrySees(past, later.at, earlier.at);
}

export function entrySees(past: MeshPast, later: EntryState, earlier: EntryState): boolean {
  return earlier.order < later.order && past.sees(later.entry, earlier.entry);
}

/** Seniority: by (time, entry hash, op index). */
export function compareSeniority(a: PlacedOp, b: PlacedOp): number {
  return compareTimes(a.at, b.at) || a.index - b.index;
}

/** By (time, entry hash). */
export function compareTimes(a: EntryState, b: EntryState): number {
  if (a.entry.time !== b.entry.time) return a.entry.time < b.entry.time ? -1 : 1;
  return compareBytes(a.entry.hash, b.entry.hash);
}

export function dotOf({ at, index }: PlacedOp): Dot {
  return { entry: at.entry.hash, op: index };
}

export function refOf({ entry: { author, seq, hash } }: EntryState): EntryRef {
  return { author, seq, hash };
}

function compareEntries({ entry: a }: EntryState, { entry: b }: EntryState): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return compareBytes(a.author, b.author) || compareBytes(a.hash, b.hash);
}

/** By the places that `compareEntries` gave them. */
function compareOrder(a: EntryState, b: EntryState): number {
  return a.order - b.order;
}

function comparePlaces(a: PlacedOp, b: PlacedOp): number {
  return compareOrder(a.at, b.at) || a.index - b.index;
}

function noAdmissions(): AdmissionState[] {
  return [];
}

function newAuthor(id: NodeId, isCreator: boolean): AuthorState {
  return { id, key: idKey(id), isCreator, entries: [], admissions: [], listed: undefined };
}

function newEntry(entry: MeshEntry, author: AuthorState): EntryState {
  return {
    entry,
    order: 0,
    author,
    admissions: [],
    revocations: [],
    inviteAdmissions: [],
    rejections: 0,
    counts: false,
    rank: undefined,
  };
}

function dotKey({ entry, op }: Dot): string {
  return `${bytesKey(entry)}/${op}`;
}

/**
 * For maps that live as long as an evaluation: a character per byte, made eight times faster than hexadecimal. (`apply`
 * takes a typed array as it is; spreading would walk its iterator, four times slower.)
 */
function bytesKey(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as ArrayLike<number> as number[]);
}
