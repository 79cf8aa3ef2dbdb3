import { blake3 } from '@lattice/crypto';
import { compareBytes, type EntryRef, equalBytes, fromHex, type Hash, HashMap } from '@lattice/model';
import type { ItemSet } from '@lattice/negentropy';
import { MalformedError } from '@lattice/proto';
import { KeyedTips, shortIdKey, shortIdsOf, splitShortIds } from './keyed-tips.js';
import { differingMax } from './limits.js';
import type { SyncStore } from './session-types.js';

const hashBytes = 32;

/** Own tips as they were when the session began, against what the peer says of its own. */
export class Comparison {
  /** Own tips that the peer does not have as tips. */
  readonly #mine: EntryRef[] = [];
  /** Tips of the peer that are none here. */
  readonly #theirs: EntryRef[] = [];
  /** In step with `#mine`, as far as they were named: whether the peer has the entry all the same. */
  #mineKnown: readonly boolean[] = [];
  /** In step with `#theirs`: whether the entry is in the DAG here. */
  readonly #theirsKnown: boolean[] = [];
  readonly #store: SyncStore;
  readonly #tips: readonly EntryRef[];
  #keyed: KeyedTips | undefined;
  #lacksMore = false;
  /** Short ids that the peer has named as unknown to it. */
  readonly #namedUnknown = new Set<string>();

  constructor(store: SyncStore) {
    this.#store = store;
    this.#tips = store.tips();
  }

  /** How many tips there are here. */
  get size(): number {
    return this.#tips.length;
  }

  /** To be called before what speaks of ids. */
  keyBy(nonce: Uint8Array): void {
    this.#keyed = new KeyedTips(nonce, this.#tips);
  }

  shortIds(): Uint8Array {
    return this.#ids.shortIds();
  }

  items(): ItemSet {
    return this.#ids.items((tip) => this.#store.timeOf(tip));
  }

  /** Sets the tips apart that the peer's short ids do not cover; returns those of the peer's that are unknown here. */
  splitByShortIds(shortIds: Uint8Array): Uint8Array {
    const theirs = new Set(splitShortIds(shortIds));
    const own = this.#ids.byShortId;
    for (const [id, tip] of own) if (!theirs.has(id)) this.#mine.push(tip);
    return this.#asUnknown([...theirs].filter((id) => !own.has(id)));
  }

  /** Sets the tips apart that only this side has; returns the short ids of those that only the peer has. */
  splitByIds(have: readonly Uint8Array[], need: readonly Uint8Array[]): Uint8Array {
    for (const key of new Set(have.map(shortIdKey))) {
      const tip = this.#ids.byShortId.get(key);
      if (tip) this.#mine.push(tip);
    }
    return this.#asUnknown(need.map(shortIdKey));
  }

  /** Has all tips named. */
  splitNone(): void {
    for (const tip of this.#tips) this.#mine.push(tip);
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
  takeTheirs(tips: readonly EntryRef[]): void {
    if (this.#theirs.length + tips.length > differingMax)
      throw new MalformedError(`over ${differingMax} tips are named`);
    for (const tip of tips) {
      this.#theirs.push(tip);
      this.#theirsKnown.push(this.#store.knows(tip));
    }
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
  unionDigest(): Hash {
    const hashes = [...this.#tips, ...this.#theirs].map(({ hash }) => hash).sort(compareBytes);
    const union = new Uint8Array(hashes.length * hashBytes);
    let end = 0;
    for (const [i, hash] of hashes.entries()) {
      if (i > 0 && equalBytes(hash, hashes[i - 1] as Hash)) continue;
      union.set(hash, end);
      end += hashBytes;
    }
    return blake3('tips', union.subarray(0, end));
  }

  /** Entries that the peer has for certain: common tips, its own that are known here, and those it said it knows. */
  hasForCertain(): readonly EntryRef[] {
    return [...this.knownToPeer(), ...this.#theirs.filter((_, index) => this.#theirsKnown[index])];
  }

  /** Own tips that the peer has, as tips or behind them. */
  knownToPeer(): readonly EntryRef[] {
    const differing = new HashMap<true>();
    for (const { hash } of this.#mine) differing.set(hash, true);
    const common = this.#tips.filter(({ hash }) => !differing.has(hash));
    return [...common, ...this.#mine.filter((_, index) => this.#mineKnown[index])];
  }

  /** Own tips that the peer lacks. */
  unknownToPeer(): readonly EntryRef[] {
    return this.#mine.filter((_, index) => !this.#mineKnown[index]);
  }

  /** Those of authors of whom it has what is unknown here: where do the branches part? */
  contested(): readonly EntryRef[] {
    const unknownAuthors = new HashMap<true>();
    this.#theirs.forEach(({ author }, index) => {
      if (!this.#theirsKnown[index]) unknownAuthors.set(author, true);
    });
    return this.unknownToPeer().filter(({ author }) => unknownAuthors.has(author));
  }

  #asUnknown(shortIds: readonly string[]): Uint8Array {
    this.#lacksMore = shortIds.length > differingMax;
    return shortIdsOf(shortIds.slice(0, differingMax).map(fromHex));
  }

  get #ids(): KeyedTips {
    // Whatever speaks of ids before a nonce is out of turn: one side names no tips by ids then.
    if (!this.#keyed) throw new MalformedError('a short id without a nonce');
    return this.#keyed;
  }
}
