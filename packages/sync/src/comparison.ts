import { blake3 } from '@lattice/crypto';
import {
  compareBytes,
  eachInSteps,
  type EntryRef,
  equalBytes,
  fromHex,
  type Hash,
  HashMap,
  sorting,
  type Steps,
} from '@lattice/model';
import type { ItemSet } from '@lattice/negentropy';
import { MalformedError } from '@lattice/proto';
import { KeyedTips, shortIdKey, shortIdsOf, splitShortIds } from './keyed-tips.js';
import { differingMax } from './limits.js';
import { missingEntries } from './missing-entries.js';
import type { SyncStore } from './session-types.js';

const hashBytes = 32;

/** Own tips as they were when the session began, against what the peer says of its own. */
export class Comparison {
  /** Own tips as they were then. */
  readonly tips: readonly EntryRef[];
  /** Own tips that the peer does not have as tips. */
  readonly #mine: EntryRef[] = [];
  /** Tips of the peer that are none here. */
  readonly #theirs: EntryRef[] = [];
  /** In step with `#mine`, as far as they were named: whether the peer has the entry all the same. */
  #mineKnown: readonly boolean[] = [];
  /** In step with `#theirs`: whether the entry is in the DAG here. */
  readonly #theirsKnown: boolean[] = [];
  readonly #store: SyncStore;
  #keyed: KeyedTips | undefined;
  #lacksMore = false;
  /** Short ids that the peer has named as unknown to it. */
  readonly #namedUnknown = new Set<string>();

  constructor(store: SyncStore) {
    this.#store = store;
    this.tips = store.tips();
  }

  /** How many tips there are here. */
  get size(): number {
    return this.tips.length;
  }

  /** To be called before what speaks of ids. */
  *keyBy(nonce: Uint8Array): Steps<void> {
    this.#keyed = yield* KeyedTips.of(nonce, this.tips);
  }

  shortIds(): Steps<Uint8Array> {
    return this.#ids.shortIds();
  }

  items(): Steps<ItemSet> {
    return this.#ids.items((tip) => this.#store.timeOf(tip));
  }

  /** Sets the tips apart that the peer's short ids do not cover; returns those of the peer's that are unknown here. */
  *splitByShortIds(shortIds: Uint8Array): Steps<Uint8Array> {
    const theirs = new Set(splitShortIds(shortIds));
    const own = this.#ids.byShortId;
    yield* eachInSteps(own, ([id, tip]) => {
      if (!theirs.has(id)) this.#mine.push(tip);
    });
    return yield* this.#asUnknown([...theirs].filter((id) => !own.has(id)).map(fromHex));
  }

  /** Sets the tips apart that only this side has; returns the short ids of those that only the peer has. */
  *splitByIds(have: readonly Uint8Array[], need: readonly Uint8Array[]): Steps<Uint8Array> {
    const split = new Set<string>();
    yield* eachInSteps(have, (id) => {
      const key = shortIdKey(id);
      const tip = this.#ids.byShortId.get(key);
      if (tip && !split.has(key)) this.#mine.push(tip);
      split.add(key);
    });
    return yield* this.#asUnknown(need);
  }

  /** Has all tips named. */
  splitNone(): void {
    for (const tip of this.tips) this.#mine.push(tip);
  }

  /** Own tips that the peer has found to be none there. Throws `MalformedError` for what is none here, or named before. */
  takeUnknown(shortIds: Uint8Array): void {
    if (shortIds.length === 0) return;
    for (const id of splitShortIds(shortIds)) {
      const tip = this.#ids.byShortId.get(id);
      if (!tip || this.#namedUnknown.has(id))
        throw new MalformedError('a short id is not one that was sent, or named before');
      this.#namedUnknown.add(id);
      this.#mine.push(tip);
    }
  }

  /** Throws `MalformedError` where they are too many. */
  *takeTheirs(tips: readonly EntryRef[]): Steps<void> {
    if (this.#theirs.length + tips.length > differingMax)
      throw new MalformedError(`over ${differingMax} tips are named`);
    yield* eachInSteps(tips, (tip) => {
      this.#theirs.push(tip);
      this.#theirsKnown.push(this.#store.knows(tip));
    });
  }

  /** What differs here, as far as it may be named. */
  named(): readonly EntryRef[] {
    return this.#mine.slice(0, differingMax);
  }

  /** Whether more was found to differ than may be named. */
  get isPartial(): boolean {
    return this.#mine.length > differingMax || this.#lacksMore;
  }

  /** Of each of the peer's tips, in order: whether the entry is in the DAG here. */
  verdicts(): readonly boolean[] {
    return this.#theirsKnown;
  }

  /** Throws `MalformedError`. */
  takeVerdicts(known: readonly boolean[]): void {
    if (known.length !== this.named().length)
      throw new MalformedError('there must be a verdict on every tip that was named');
    this.#mineKnown = known;
  }

  /** Over the sorted hashes of both sides' tips together: equal on both sides, unless something was missed. */
  *unionDigest(): Steps<Hash> {
    const hashes = yield* sorting(
      [...this.tips, ...this.#theirs].map(({ hash }) => hash),
      compareBytes,
    );
    const union = new Uint8Array(hashes.length * hashBytes);
    let end = 0;
    yield* eachInSteps(hashes, (hash, i) => {
      if (i > 0 && equalBytes(hash, hashes[i - 1] as Hash)) return;
      union.set(hash, end);
      end += hashBytes;
    });
    return blake3('tips', union.subarray(0, end));
  }

  /** What either side lacks, once each has judged what the other named. */
  *findings(): Steps<Findings> {
    const differing = new HashMap<true>();
    const unknownAuthors = new HashMap<true>();
    const findings = { knownToPeer: [], unknownToPeer: [], hasForCertain: [], contested: [] } as Lists;
    const unknownHere: EntryRef[] = [];
    yield* eachInSteps(this.#mine, ({ hash }) => differing.set(hash, true));
    yield* eachInSteps(this.tips, (tip) => {
      if (!differing.has(tip.hash)) findings.knownToPeer.push(tip);
    });
    yield* eachInSteps(this.#mine, (tip, index) =>
      (this.#mineKnown[index] ? findings.knownToPeer : findings.unknownToPeer).push(tip),
    );
    for (const tip of findings.knownToPeer) findings.hasForCertain.push(tip);
    yield* eachInSteps(this.#theirs, (tip, index) => {
      if (this.#theirsKnown[index]) findings.hasForCertain.push(tip);
      else {
        unknownAuthors.set(tip.author, true);
        unknownHere.push(tip);
      }
    });
    yield* eachInSteps(findings.unknownToPeer, (tip) => {
      if (unknownAuthors.has(tip.author)) findings.contested.push(tip);
    });
    // Of what is not named in full, and where branches part, nobody can tell.
    if (this.isPartial || findings.contested.length > 0) return findings;
    const toSend = yield* missingEntries(findings.unknownToPeer, findings.hasForCertain);
    const toReceive = yield* missingEntries(unknownHere, findings.knownToPeer);
    return { ...findings, toSend, toReceive };
  }

  *#asUnknown(ids: readonly Uint8Array[]): Steps<Uint8Array> {
    this.#lacksMore = ids.length > differingMax;
    return yield* shortIdsOf(ids.slice(0, differingMax));
  }

  get #ids(): KeyedTips {
    // Whatever speaks of ids before a nonce is out of turn: one side names no tips by ids then.
    if (!this.#keyed) throw new MalformedError('a short id without a nonce');
    return this.#keyed;
  }
}

export interface Findings {
  /** Own tips that the peer has, as tips or behind them. */
  readonly knownToPeer: readonly EntryRef[];
  /** Own tips that the peer lacks. */
  readonly unknownToPeer: readonly EntryRef[];
  /** Entries that the peer has: common tips, its own that are known here, and those it said it knows. */
  readonly hasForCertain: readonly EntryRef[];
  /** Own tips that it lacks, of authors of whom it has what is unknown here: where do the branches part? */
  readonly contested: readonly EntryRef[];
  /** How many entries the peer lacks, where that is known. */
  readonly toSend?: number | undefined;
  /** The same of what is lacking here. */
  readonly toReceive?: number | undefined;
}

type Lists = { readonly [List in Exclude<keyof Findings, 'toSend' | 'toReceive'>]: EntryRef[] };
