import {
  compareEntryRefs,
  type EntryRef,
  type Hash,
  HashMap,
  type Hlc,
  hlcMax,
  hlcZero,
  type IdKey,
  idKey,
  type NodeId,
} from '@lattice/model';
import type { Guest, Sender } from './waiting-room.js';

/** How many of each are told: those that most wait for, or that most of what is held is from. */
const reportedMax = 16;

/** An entry that is not here although others name it. */
export interface Missing {
  readonly entry: EntryRef;
  /** How many entries wait for it, those included that wait for one that waits. */
  readonly waiting: number;
  /** Who handed one of them over. */
  readonly from: Sender;
}

/** An author whose entries claim a time beyond the horizon. */
export interface HeldAuthor {
  readonly author: NodeId;
  /** How many such entries wait. */
  readonly entries: number;
  /** How many of them the author issued again, with a clock that was set right since. */
  readonly issuedAgain: number;
  /** The latest claim among them. */
  readonly latest: Hlc;
}

/**
 * What pending entries wait for in the end: a row of entries that each wait for the one before lacks one entry, the first. What a
 * peer sent that is itself dated beyond the horizon is left out: it waits for its time, and so would what it lacks.
 */
export function missingOf(guests: Iterable<Guest>, horizon?: Hlc): readonly Missing[] {
  const all = [...guests];
  const here = new HashMap<{ readonly ref: EntryRef; readonly guest: Guest }>();
  for (const guest of all) for (const ref of refsOf(guest)) here.set(ref.hash, { ref, guest });
  const carrying = (named: EntryRef): Guest | undefined => {
    const found = here.get(named.hash);
    return found && compareEntryRefs(found.ref, named) === 0 ? found.guest : undefined;
  };
  const firstsOf = new Map<Guest, First>();
  const missing = new Map<IdKey, Missing>();
  for (const guest of all) {
    if (horizon !== undefined && isHeldBack(guest, horizon)) continue;
    const first = firstOf(guest, carrying, firstsOf);
    if (!('ancestor' in first.until)) continue;
    const { ancestor: entry } = first.until;
    const { waiting, from } = missing.get(idKey(entry.hash)) ?? { waiting: 0, from: first.from };
    missing.set(idKey(entry.hash), { entry, waiting: waiting + guest.bundle.entries.length, from });
  }
  return [...missing.values()].sort((a, b) => b.waiting - a.waiting).slice(0, reportedMax);
}

/**
 * Whose clock may be wrong: what merely follows entries that are ahead says nothing of its author's. What is pending counts,
 * too, since it may wait for what is held.
 */
export function heldAuthorsOf(
  guests: Iterable<Guest>,
  horizon: Hlc,
  isIssuedAgain: (author: NodeId, hash: Hash, hlc: Hlc) => boolean,
): readonly HeldAuthor[] {
  const authors = new Map<IdKey, HeldAuthor>();
  for (const { bundle } of guests) {
    for (const [i, { author, hlc }] of bundle.entries.entries()) {
      const hash = bundle.hashes[i];
      if (hlc <= horizon) continue;
      const { entries, issuedAgain, latest } = authors.get(idKey(author)) ?? none;
      authors.set(idKey(author), {
        author,
        entries: entries + 1,
        issuedAgain: issuedAgain + (hash && isIssuedAgain(author, hash, hlc) ? 1 : 0),
        latest: hlcMax(latest, hlc),
      });
    }
  }
  return [...authors.values()].sort((a, b) => b.entries - a.entries).slice(0, reportedMax);
}

const none: Omit<HeldAuthor, 'author'> = { entries: 0, issuedAgain: 0, latest: hlcZero };

/** The guest that waits for what nobody here carries, or for its time. */
type First = Guest;

function firstOf(
  guest: Guest,
  carrying: (named: EntryRef) => Guest | undefined,
  known: Map<Guest, First>,
): First {
  const row = new Set<Guest>();
  let at = guest;
  // A bundle may name what it carries itself, further back: such a row has no beginning, and any of it will do.
  while (!known.has(at) && !row.has(at)) {
    row.add(at);
    const before = 'ancestor' in at.until ? carrying(at.until.ancestor) : undefined;
    if (!before) break;
    at = before;
  }
  const first = known.get(at) ?? at;
  for (const one of row) known.set(one, first);
  return first;
}

function isHeldBack({ bundle, from }: Guest, horizon: Hlc): boolean {
  return from !== 'log' && bundle.entries.some(({ hlc }) => hlc > horizon);
}

function* refsOf({ bundle }: Guest): Iterable<EntryRef> {
  for (const [i, { author, seq }] of bundle.entries.entries()) {
    const hash = bundle.hashes[i];
    if (hash) yield { author, seq, hash };
  }
}
