import { assert, equalBytes, type Hlc, hlcZero, type Steps, unreachable } from '@lattice/model';
import { MalformedError, wire } from '@lattice/proto';
import { Comparison } from './comparison.js';
import { nonceBytes, shortIdBytes } from './keyed-tips.js';
import { rangesBytesMax, shortIdsMax } from './limits.js';
import { differingMessages, fromWireRef, rangesMessages, send } from './messages.js';
import { Parts } from './parts.js';
import { rangeAnswers, RangeSearch } from './range-search.js';
import type { SyncEffect, SyncStore } from './session-types.js';

export interface ComparingOptions {
  readonly store: SyncStore;
  readonly role: 'initiator' | 'responder';
  /** 16 random bytes: the responder's are what a session's ids are keyed by. */
  readonly nonce: Uint8Array;
  /** Of the initiator: has all tips named in full. */
  readonly whole: boolean;
  /** Of the responder: does not let on what is equal. */
  readonly isSecretive: boolean;
}

const digestBytes = 32;

/** What the two say to each other in this half. */
export type ComparingMessage = Extract<
  wire.SyncMessage['body'],
  { readonly case: 'opening' | 'equal' | 'shortIds' | 'ranges' | 'differing' | 'verdicts' }
>;

/**
 * The first half of a session: which tips differ, and which of those the other has all the same.
 *
 * A digest comes first, since most sessions find that nothing differs. Else the responder says what it has, by ids: all of
 * them where they are few, ranges of them where they are many. Either the initiator finds out from that what differs on both
 * sides, or the responder does from what the initiator answers. Whoever found out names its tips, and which ids it lacks; then
 * the other does.
 */
export class Comparing {
  readonly comparison: Comparison;
  /** Answers waited for. */
  roundTrips = 0;
  /** The latest time that the peer takes. */
  peerHorizon: Hlc = hlcZero;
  readonly #options: ComparingOptions;
  readonly #parts = new Parts(rangesBytesMax);
  #search: RangeSearch | undefined;
  #answer: ((question: Uint8Array) => Steps<Uint8Array>) | undefined;
  /** Whether this side was the first to name what differs. */
  #foundOut = false;
  #isPartial = false;
  #isAsking = false;
  #awaiting: Awaited;

  constructor(options: ComparingOptions) {
    this.#options = options;
    this.comparison = new Comparison(options.store);
    this.#awaiting = options.role === 'initiator' ? 'start' : 'opening';
  }

  /** Whether each side knows what the other lacks. */
  get isOver(): boolean {
    return this.#awaiting === 'nothing';
  }

  start(): readonly SyncEffect[] {
    this.#expect('start');
    this.#awaiting = 'answer';
    this.#isAsking = true;
    const { store, whole } = this.#options;
    return [send({ case: 'opening', value: { digest: store.digest(), whole } })];
  }

  /** What to do about a message of this half, found out in steps. Throws `MalformedError`. */
  *hear(message: ComparingMessage): Steps<readonly SyncEffect[]> {
    if (this.#isAsking) this.roundTrips++;
    const effects = yield* this.#effectsOf(message);
    // Verdicts on what was named first come together with what is named second.
    const isComing = this.#foundOut && this.#awaiting === 'verdicts';
    this.#isAsking = effects.length > 0 && !isComing;
    return effects;
  }

  *#effectsOf(message: ComparingMessage): Steps<readonly SyncEffect[]> {
    switch (message.case) {
      case 'opening':
        return yield* this.#onOpening(message.value);
      case 'equal':
        this.#expect('answer');
        this.#awaiting = 'nothing';
        return [{ kind: 'end', outcome: { kind: 'equal' } }];
      case 'shortIds':
        return yield* this.#onShortIds(message.value);
      case 'ranges':
        return yield* this.#onRanges(message.value);
      case 'differing':
        return yield* this.#onDiffering(message.value);
      case 'verdicts':
        this.#expect('verdicts');
        this.comparison.takeVerdicts(message.value.known);
        this.#awaiting = 'nothing';
        return [];
      default:
        return unreachable(message);
    }
  }

  *#onOpening({ digest, whole }: wire.Opening): Steps<readonly SyncEffect[]> {
    this.#expect('opening');
    const { store, nonce, isSecretive } = this.#options;
    if (digest.length !== digestBytes) throw new MalformedError('a digest has the wrong length');
    if (!isSecretive && equalBytes(digest, store.digest())) {
      this.#awaiting = 'nothing';
      return [send({ case: 'equal', value: {} }), { kind: 'end', outcome: { kind: 'equal' } }];
    }
    if (whole) {
      this.comparison.splitNone();
      return yield* this.#nameFirst();
    }
    yield* this.comparison.keyBy(nonce);
    if (this.comparison.size <= shortIdsMax) {
      this.#awaiting = 'differing';
      return [send({ case: 'shortIds', value: { nonce, shortIds: yield* this.comparison.shortIds() } })];
    }
    this.#search = new RangeSearch(yield* this.comparison.items());
    this.#awaiting = 'ranges';
    return rangesMessages(this.#search.begin(), nonce);
  }

  *#onShortIds({ nonce, shortIds }: wire.ShortIds): Steps<readonly SyncEffect[]> {
    this.#expectIds();
    if (shortIds.length % shortIdBytes !== 0) throw new MalformedError('short ids are cut off');
    if (shortIds.length > shortIdsMax * shortIdBytes)
      throw new MalformedError(`over ${shortIdsMax} short ids`);
    yield* this.#keyBy(nonce);
    return yield* this.#nameFirst(yield* this.comparison.splitByShortIds(shortIds));
  }

  *#onRanges({ nonce, part, more }: wire.Ranges): Steps<readonly SyncEffect[]> {
    if (this.#options.role === 'initiator' && !this.#answer) {
      this.#expectIds();
      yield* this.#keyBy(nonce);
      this.#answer = rangeAnswers(yield* this.comparison.items());
      this.#awaiting = 'ranges';
    }
    this.#expect('ranges');
    const message = this.#parts.add(part, more);
    if (!message) return [];
    return this.#answer ? rangesMessages(yield* this.#answer(message)) : yield* this.#searchOn(message);
  }

  *#searchOn(answer: Uint8Array): Steps<readonly SyncEffect[]> {
    const search = this.#search;
    assert(search, 'who awaits ranges and does not answer them asked for them');
    const question = yield* search.hear(answer);
    if (question) return rangesMessages(question);
    this.#search = undefined;
    return yield* this.#nameFirst(yield* this.comparison.splitByIds(search.have, search.need));
  }

  /** Names what was found to differ here, and the ids of what does there. */
  #nameFirst(unknownShortIds?: Uint8Array): Steps<readonly SyncEffect[]> {
    this.#foundOut = true;
    this.#awaiting = 'differing';
    return this.#differing(unknownShortIds && { unknownShortIds });
  }

  #differing(more?: Pick<Parameters<typeof differingMessages>[0], 'unknownShortIds' | 'unionDigest'>) {
    const { comparison } = this;
    const [tips, horizon, partial] = [
      comparison.named(),
      this.#options.store.horizon(),
      comparison.isPartial,
    ];
    return differingMessages({ tips, horizon, partial, ...more });
  }

  *#onDiffering(part: wire.Differing): Steps<readonly SyncEffect[]> {
    const isFirst =
      this.#awaiting === 'ranges' ? this.#answer : this.#awaiting === 'answer' && this.#options.whole;
    if (!isFirst) this.#expect('differing');
    this.#awaiting = 'differing';
    const { tips, unknownShortIds, more } = part;
    if (more && tips.length === 0 && unknownShortIds.length === 0)
      throw new MalformedError('a part of what differs has nothing in it');
    yield* this.comparison.takeTheirs(tips.map(fromWireRef));
    if (this.#foundOut && unknownShortIds.length > 0)
      throw new MalformedError('short ids where none were asked');
    if (!this.#foundOut) this.comparison.takeUnknown(unknownShortIds);
    if (more) return [];
    this.peerHorizon = part.horizon as Hlc;
    this.#isPartial = part.partial || this.comparison.isPartial;
    return this.#foundOut ? yield* this.#judge(part.unionDigest) : yield* this.#nameSecond();
  }

  *#nameSecond(): Steps<readonly SyncEffect[]> {
    const { comparison } = this;
    if (this.#options.whole) comparison.splitNone();
    this.#awaiting = 'verdicts';
    const unionDigest = yield* comparison.unionDigest();
    return [...(yield* this.#differing({ unionDigest })), this.#verdicts()];
  }

  /** Whether both sides know of the same tips now. */
  *#judge(unionDigest: Uint8Array): Steps<readonly SyncEffect[]> {
    if (!this.#isPartial && !equalBytes(unionDigest, yield* this.comparison.unionDigest())) {
      const failure = { code: wire.FailureCode.COLLISION, reason: 'the tips of both sides are not the same' };
      return [send({ case: 'failure', value: failure }), { kind: 'end', outcome: { kind: 'collision' } }];
    }
    this.#awaiting = 'verdicts';
    return [this.#verdicts()];
  }

  #verdicts(): SyncEffect {
    return send({ case: 'verdicts', value: { known: [...this.comparison.verdicts()] } });
  }

  #keyBy(nonce: Uint8Array): Steps<void> {
    if (nonce.length !== nonceBytes) throw new MalformedError('a nonce has the wrong length');
    return this.comparison.keyBy(nonce);
  }

  /** What the responder has, by ids, unless it was asked to name all. */
  #expectIds(): void {
    this.#expect('answer');
    if (this.#options.whole) throw new MalformedError('ids where all tips were to be named');
  }

  #expect(awaited: Awaited): void {
    if (this.#awaiting !== awaited) throw outOfTurn(this.#awaiting);
  }
}

type Awaited = 'start' | 'opening' | 'answer' | 'ranges' | 'differing' | 'verdicts' | 'nothing';

function outOfTurn(awaiting: Awaited): MalformedError {
  return new MalformedError(`a message out of turn: awaiting ${awaiting}`);
}
