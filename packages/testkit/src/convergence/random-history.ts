import { type KeyPair, keyPairFromSeed } from '@lattice/crypto';
import {
  depsMax,
  type Genesis,
  type Hlc,
  hlcFromMs,
  hlcLimit,
  hlcMax,
  hlcNext,
  hlcZero,
  maxDriftMs,
  meshStoreType,
  parseHash,
  type StoreId,
} from '@lattice/model';
import { encodePayload } from '@lattice/proto';
import fc from 'fast-check';
import { headsOf, History, type HistoryEntry, seesEntry } from './history.js';

/*
 * Random and adversarial histories. fast-check draws a script of small numbers, which is then played: a number chooses
 * among what there is, modulo how many there are; so a shrunken script is still a script.
 */

/** When the first entry of a generated history is written, Unix milliseconds. */
export const historyBeginsMs = Date.UTC(2025, 0, 1);

const minuteMs = 60_000;

/** The entry's claimed time: mostly what it should be. */
const honest = ['honest', 'honest', 'honest', 'honest', 'honest', 'honest', 'honest', 'next', 'soon'];
const claims = [...honest, 'same', 'zero', 'old', 'far', 'end'];

interface Step<Op> {
  readonly author: number;
  /** Which of the author's branches goes on; one beyond them: a chain of its own from the beginning. */
  readonly branch: number;
  /** How far back on it: 0, from its end; else this is a fork. */
  readonly back: number;
  /** How many of the last entries the author has not heard of yet. */
  readonly lag: number;
  /** Which heads it names, bit by bit; all ones: all of them. */
  readonly names: number;
  /** Beside these, entries that need not be named: numbers choose among all that it has heard of. */
  readonly namesMore: readonly number[];
  readonly claim: string;
  readonly instead: Instead;
  readonly content: Content<Op>;
}

/** Which entry it names as its original; `beside`: going on from where that one did, as whoever repairs a clock does. */
interface Instead {
  readonly of: 'nothing' | 'own' | 'any' | 'unknown';
  readonly choice: number;
  readonly beside: boolean;
}

type Content<Op> =
  | { readonly kind: 'writes'; readonly writes: readonly (readonly Op[])[] }
  | { readonly kind: 'merge' }
  | { readonly kind: 'garbage'; readonly payload: Uint8Array }
  | { readonly kind: 'newer'; readonly operations: Uint8Array };

export interface HistoryScript<Op> {
  /** What the authors' keys come from. */
  readonly family: number;
  readonly steps: readonly Step<Op>[];
}

export interface HistoryOptions<Op> {
  readonly operation: fc.Arbitrary<Op>;
  readonly encode: (operations: readonly Op[]) => Uint8Array;
  readonly type: string;
  /** Of the machine; some entries are of the next one. */
  readonly version: number;
  /** 4 unless given. */
  readonly authors?: number;
  /** 24 unless given. */
  readonly entriesMax?: number;
}

/** Scripts of histories: several authors, concurrent branches, forks, odd clocks, entries of every kind. */
export function historyScripts<Op>(options: HistoryOptions<Op>): fc.Arbitrary<HistoryScript<Op>> {
  const { operation, authors = 4, entriesMax = 24 } = options;
  const step: fc.Arbitrary<Step<Op>> = fc.record({
    author: fc.nat(authors - 1),
    branch: fc.nat(3),
    back: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
    lag: fc.oneof(fc.constant(0), fc.nat(8)),
    names: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0xffff) },
      { weight: 2, arbitrary: fc.nat(0xffff) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
    namesMore: fc.oneof(
      { weight: 5, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.nat(1_000), { maxLength: 3 }) },
    ),
    claim: fc.constantFrom(...claims),
    instead: fc.record({
      of: fc.oneof(
        { weight: 4, arbitrary: fc.constant('nothing' as const) },
        { weight: 2, arbitrary: fc.constant('own' as const) },
        { weight: 1, arbitrary: fc.constantFrom('any' as const, 'unknown' as const) },
      ),
      choice: fc.nat(1_000),
      beside: fc.boolean(),
    }),
    content: contents(operation),
  });
  return fc.record({
    family: fc.nat(255),
    steps: fc.array(step, { minLength: 1, maxLength: entriesMax, size: 'max' }),
  });
}

/** The history that a script says; the same script, the same entries. */
export function playHistory<Op>(script: HistoryScript<Op>, options: HistoryOptions<Op>): History {
  const history = new History(genesisOf(options.type, script.family));
  script.steps.forEach((step, index) => playStep(history, script.family, step, index, options));
  return history;
}

/** An author of a generated history. Their node ids are in no order. */
export function historyKey(family: number, author: number): KeyPair {
  const name = `${family} ${author}`;
  const known = keys.get(name);
  if (known) return known;
  const key = keyPairFromSeed(new Uint8Array(32).fill(family).fill(author + 1, 0, 8));
  keys.set(name, key);
  return key;
}

const keys = new Map<string, KeyPair>();

function contents<Op>(operation: fc.Arbitrary<Op>): fc.Arbitrary<Content<Op>> {
  const write = fc.array(operation, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant('writes' as const),
        writes: fc.array(write, { minLength: 1, maxLength: 2 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'merge' as const }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('garbage' as const),
        payload: fc.uint8Array({ minLength: 1, maxLength: 12 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('newer' as const),
        operations: fc.uint8Array({ maxLength: 12 }),
      }),
    },
  );
}

function playStep<Op>(
  history: History,
  family: number,
  step: Step<Op>,
  index: number,
  options: HistoryOptions<Op>,
): void {
  const key = historyKey(family, step.author);
  const original = originalOf(step.instead, history, key);
  const payload = payloadOf(step.content, options);
  if (original && step.instead.of === 'own' && step.instead.beside) {
    const { prev, deps, entry, hash: instead } = original;
    history.write({ key, prev, deps, hlc: entry.hlc, payload, instead });
    return;
  }
  const prev = predecessor(history.of(key.nodeId), step);
  const heard = history.entries.filter(({ place }) => place < history.entries.length - step.lag);
  const visible = history.closure(prev ? [...heard, prev] : heard);
  const isNews = (entry: HistoryEntry): boolean => entry !== prev && !(prev && seesEntry(prev, entry));
  const heads = headsOf(visible).filter(isNews);
  const named = new Set(heads.filter((_, bit) => ((step.names >> (bit % 16)) & 1) === 1));
  for (const number of step.namesMore) {
    const entry = [...visible][number % Math.max(1, visible.size)];
    if (entry) named.add(entry);
  }
  const deps = [...named].slice(0, depsMax);
  const latest = [...deps, ...(prev ? [prev] : [])].reduce(
    (time, { time: its }) => hlcMax(time, its),
    hlcZero,
  );
  const hlc = claimOf(step.claim, index, latest, history);
  const instead = original?.hash ?? (step.instead.of === 'unknown' ? nowhere : undefined);
  history.write({ key, prev, deps, hlc, payload, ...(instead && { instead }) });
}

function originalOf(
  { of, choice }: Instead,
  history: History,
  { nodeId }: KeyPair,
): HistoryEntry | undefined {
  const candidates = of === 'own' ? history.of(nodeId) : of === 'any' ? history.entries : [];
  return candidates[choice % Math.max(1, candidates.length)];
}

/** No entry has that hash. */
const nowhere = parseHash(new Uint8Array(32));

function predecessor<Op>(own: readonly HistoryEntry[], step: Step<Op>): HistoryEntry | undefined {
  const tips = own.filter((entry) => !own.some((other) => other.prev === entry));
  let at = tips[step.branch % (tips.length + (step.back > 0 ? 1 : 0) || 1)];
  for (let back = step.back; back > 0 && at; back--) at = at.prev;
  return at;
}

function claimOf(claim: string, index: number, latest: Hlc, history: History): Hlc {
  // Several steps share a millisecond, so that times are equal now and then.
  const wallMs = historyBeginsMs + 1_000 * Math.floor(index / 3);
  switch (claim) {
    case 'next':
      return lower(hlcNext(latest));
    case 'same':
      return lower(history.entries.at(-1)?.entry.hlc ?? latest);
    case 'zero':
      return hlcZero;
    case 'old':
      return hlcFromMs(wallMs - 24 * 60 * minuteMs);
    case 'soon':
      return hlcFromMs(wallMs + 3 * minuteMs);
    case 'far':
      return hlcFromMs(wallMs + 24 * 60 * minuteMs);
    case 'end':
      return (hlcLimit - 1n) as Hlc;
    default:
      // As a node does, which lets no clock beyond its horizon move its own.
      return latest > hlcFromMs(wallMs + maxDriftMs)
        ? hlcFromMs(wallMs)
        : hlcMax(hlcFromMs(wallMs), hlcNext(latest));
  }
}

/** A claim is below the limit, also behind an entry at it. */
function lower(hlc: Hlc): Hlc {
  return hlc < hlcLimit ? hlc : ((hlcLimit - 1n) as Hlc);
}

function payloadOf<Op>(content: Content<Op>, { encode, version }: HistoryOptions<Op>): Uint8Array {
  switch (content.kind) {
    case 'writes':
      return encodePayload(version, content.writes.map(encode));
    case 'merge':
      return new Uint8Array(0);
    case 'garbage':
      return content.payload;
    case 'newer':
      return encodePayload(version + 1, [content.operations]);
  }
}

function genesisOf(type: string, family: number): Genesis {
  const random = new Uint8Array(32).fill(family);
  if (type === meshStoreType) return { kind: 'mesh', creator: historyKey(family, 0).nodeId, random };
  return { kind: 'store', type, mesh: new Uint8Array(32).fill(7) as Uint8Array as StoreId, random };
}
