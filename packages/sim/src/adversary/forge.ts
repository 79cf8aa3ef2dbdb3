import {
  compareEntryRefs,
  type Entry,
  type EntryRef,
  type Hash,
  type Hlc,
  hlcFromMs,
  hlcLimit,
  hlcToMs,
  maxDriftMs,
  type NodeId,
  type StoreId,
  toHex,
} from '@lattice/model';
import { hashEntry } from '@lattice/kernel';
import type { SeededRandom } from '@lattice/testkit';
import type { World } from '../world/world.js';
import type { Forgery } from './assault.js';
import { type Had, type Knowledge, refOf } from './known.js';
import { payloadOf, type Place, type Writer } from './payloads.js';
import type { Batch, Thief } from './thief.js';

/** Makes the entries of a forgery. What they name of what there is, the thief knows. */
export function forge(world: World, thief: Thief, store: StoreId, step: Forgery): Batch {
  const chance = thief.chance(`forgery ${step.batch}`);
  const known = thief.known(store);
  const author = step.inTheNameOf === undefined ? thief.nodeId : world.machine(step.inTheNameOf).nodeId;
  const forger: Forger = { world, thief, store, step, chance, known, author };
  const from = startOf(forger);
  const entries: Had[] = [];
  for (let branch = 0; branch < step.branches; branch++) {
    let at = from;
    for (let i = 0; i < step.entries; i++) {
      const one = made(forger, at, { index: i, first: i === 0 ? undefined : entries.at(-i)?.hash });
      entries.push(one);
      at = { seq: one.entry.seq, hash: one.hash, hlc: one.entry.hlc };
    }
  }
  for (const one of entries) {
    known.add(one);
    world.forged.add(toHex(one.hash));
    thief.last = toHex(one.hash);
  }
  return { store, entries };
}

interface Forger extends Writer {
  readonly known: Knowledge;
  readonly author: NodeId;
}

/** What an entry follows on its chain. */
interface Point {
  readonly seq: number;
  readonly hash: Hash;
  readonly hlc: Hlc;
}

function startOf({ thief, store, step, chance, known, author }: Forger): Point {
  const root: Point = { seq: 0, hash: store, hlc: 0n as Hlc };
  const own = known.of(author).toSorted((a, b) => compareEntryRefs(refOf(a), refOf(b)));
  const point = (one: Had | undefined): Point =>
    one ? { seq: one.entry.seq, hash: one.hash, hlc: one.entry.hlc } : root;
  switch (step.from) {
    case 'tip':
      return point(own.at(-1));
    case 'last':
      return point(own.find(({ hash }) => toHex(hash) === thief.last) ?? own.at(-1));
    case 'middle':
      return point(own[chance.below(Math.max(1, own.length))]);
    case 'root':
      return root;
    case 'nowhere':
      return { seq: 1 + chance.below(1_000), hash: chance.bytes(32) as Hash, hlc: 0n as Hlc };
    case 'elsewhere':
      return { seq: 0, hash: chance.bytes(32) as Hash, hlc: 0n as Hlc };
  }
}

function made(forger: Forger, at: Point, place: Omit<Place, 'previous'>): Had {
  const entry: Entry = {
    author: forger.author,
    seq: at.seq + 1,
    prev: at.hash,
    hlc: dateOf(forger, at, place.index),
    deps: depsOf(forger, at),
    payload: payloadOf(forger, { ...place, previous: at.hash }),
  };
  return { entry, hash: hashEntry(entry) };
}

/** A later one of a branch is a little later, where it can be. */
function dateOf({ world, step, chance }: Forger, at: Point, index: number): Hlc {
  const nowMs = world.time.nowMs();
  const later = (ms: number) => ((hlcFromMs(ms) as bigint) + BigInt(index)) as Hlc;
  switch (step.dated) {
    case 'now':
      return later(nowMs);
    case 'ahead':
      return later(nowMs + chance.below(maxDriftMs - 10_000));
    case 'held':
      return later(nowMs + maxDriftMs + 10_000 + chance.below(3_600_000));
    case 'far':
      return later(Date.UTC(2099, 0, 1));
    case 'back':
      return later(hlcToMs(at.hlc) - chance.below(3_600_000));
    case 'zero':
      return 0n as Hlc;
    case 'limit':
      return (hlcLimit - 1n) as Hlc;
  }
}

function depsOf(forger: Forger, at: Point): readonly EntryRef[] {
  const { step, chance, known } = forger;
  const others = () => known.all.filter(({ hash }) => toHex(hash) !== toHex(at.hash));
  switch (step.names) {
    case 'nothing':
      return [];
    case 'heads':
      return sorted(known.heads.slice(0, 8).map(refOf));
    case 'some':
      return sorted(picked(chance, others(), 1 + chance.below(4)).map(refOf));
    case 'many':
      return sorted(picked(chance, others(), 64).map(refOf));
    case 'tooMany':
      return sorted(Array.from({ length: 65 }, () => fabricated(forger)));
    case 'fabricated':
      return sorted([...picked(chance, others(), 1).map(refOf), fabricated(forger)]);
    case 'mismatched':
      return sorted(picked(chance, others(), 1).map((one) => mismatched(one)));
  }
}

/** Of a member, who never wrote it. */
function fabricated({ world, chance, known, author }: Forger): EntryRef {
  const hash = chance.bytes(32) as Hash;
  world.forged.add(toHex(hash));
  const somebody = known.all.length > 0 ? chance.pick(known.all).entry.author : author;
  return { author: somebody, seq: 1 + chance.below(20), hash };
}

/** Right but for its place: which makes it another, that there is not. */
function mismatched(one: Had): EntryRef {
  return { ...refOf(one), seq: one.entry.seq + 1 };
}

function picked(chance: SeededRandom, from: readonly Had[], count: number): readonly Had[] {
  return from.length === 0 ? [] : Array.from({ length: count }, () => chance.pick(from));
}

/** As an entry has them: sorted, each once. */
function sorted(refs: readonly EntryRef[]): readonly EntryRef[] {
  const all = refs.toSorted(compareEntryRefs);
  return all.filter((one, index) => index === 0 || compareEntryRefs(one, all[index - 1] as EntryRef) !== 0);
}
