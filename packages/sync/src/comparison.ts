import { blake3 } from '@lattice/crypto';
import { compareBytes, concatBytes, type EntryRef, fromHex, type Hash, idKey, toHex } from '@lattice/model';
import { MalformedError } from '@lattice/proto';
import type { SyncStore } from './session-types.js';
import { concatShortIds, shortId, splitShortIds, tipsByShortId } from './short-ids.js';

/** Own tips as they were when the session began, against what the peer says of its own. */
export class Comparison {
  /** Own tips that the peer does not have as tips. */
  readonly mine: EntryRef[] = [];
  /** Tips of the peer that are none here. */
  readonly theirs: EntryRef[] = [];
  /** In step with `mine`: whether the peer has the entry all the same. */
  #mineKnown: readonly boolean[] = [];
  readonly #store: SyncStore;
  readonly #tips: readonly EntryRef[];
  /** Of the initiator: own tips by short id that the responder has not said to be unknown there. */
  #notNamed: Map<string, EntryRef> | undefined;

  constructor(store: SyncStore) {
    this.#store = store;
    this.#tips = store.tips();
  }

  shortIds(nonce: Uint8Array): Uint8Array {
    return concatShortIds(this.#tips.map((tip) => shortId(nonce, tip.hash)));
  }

  /** The responder's part: sets the tips apart that the initiator's short ids do not cover; returns those unknown here. */
  splitByShortIds(nonce: Uint8Array, shortIds: Uint8Array): Uint8Array {
    const theirs = new Set(splitShortIds(shortIds));
    const own = tipsByShortId(nonce, this.#tips);
    for (const [id, tip] of own) if (!theirs.has(id)) this.mine.push(tip);
    return concatShortIds([...theirs].filter((id) => !own.has(id)).map(fromHex));
  }

  /** The initiator's: which of its own short ids the responder did not have. Throws `MalformedError` for another's. */
  takeUnknown(nonce: Uint8Array, unknown: Uint8Array): void {
    this.#notNamed ??= new Map(tipsByShortId(nonce, this.#tips));
    for (const id of splitShortIds(unknown)) {
      const tip = this.#notNamed.get(id);
      if (!tip) throw new MalformedError('a short id is not one that was sent, or named before');
      this.#notNamed.delete(id);
      this.mine.push(tip);
    }
  }

  /** In step with `theirs`: whether the entry is in the DAG here. */
  verdicts(): readonly boolean[] {
    return this.theirs.map((tip) => this.#store.knows(tip));
  }

  takeVerdicts(known: readonly boolean[]): void {
    if (known.length !== this.mine.length) throw new MalformedError('there must be a verdict on every tip');
    this.#mineKnown = known;
  }

  /** Over the sorted hashes of both sides' tips together: equal on both sides, unless short ids collided. */
  unionDigest(): Hash {
    const union = new Map([...this.#tips, ...this.theirs].map((tip) => [toHex(tip.hash), tip.hash]));
    return blake3('tips', concatBytes(...[...union.values()].sort(compareBytes)));
  }

  /** Entries that the peer has for certain: common tips, its own that are known here, and those it said it knows. */
  hasForCertain(): readonly EntryRef[] {
    return [...this.knownToPeer(), ...this.theirs.filter((tip) => this.#store.knows(tip))];
  }

  /** Own tips that the peer has, as tips or behind them. */
  knownToPeer(): readonly EntryRef[] {
    const differing = new Set(this.mine.map((tip) => idKey(tip.hash)));
    const common = this.#tips.filter((tip) => !differing.has(idKey(tip.hash)));
    return [...common, ...this.mine.filter((_, index) => this.#mineKnown[index])];
  }

  /** Own tips that the peer lacks. */
  unknownToPeer(): readonly EntryRef[] {
    return this.mine.filter((_, index) => !this.#mineKnown[index]);
  }

  /** Those of authors of whom it has what is unknown here: where do the branches part? */
  contested(): readonly EntryRef[] {
    const unknownAuthors = new Set(
      this.theirs.filter((tip) => !this.#store.knows(tip)).map((tip) => idKey(tip.author)),
    );
    return this.unknownToPeer().filter((tip) => unknownAuthors.has(idKey(tip.author)));
  }
}
