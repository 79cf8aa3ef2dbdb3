import { eachInSteps, type Steps } from '@lattice/model';
import { Initiator, type ItemSet, NegentropyError, Responder } from '@lattice/negentropy';
import { MalformedError } from '@lattice/proto';
import { shortIdKey } from './keyed-tips.js';
import { differingMax, rangesBytesMax, rangesMax } from './limits.js';

const frames = { frameSizeLimit: rangesBytesMax };

/** What the peer has and what it lacks, by ranges of items: the side that asks. */
export class RangeSearch {
  /** Ids that only this side has. */
  readonly have: Uint8Array[] = [];
  readonly #need = new Map<string, Uint8Array>();
  readonly #initiator: Initiator;
  #answers = 0;

  constructor(items: ItemSet) {
    this.#initiator = new Initiator(items, frames);
  }

  /** Ids that only the peer has. */
  get need(): readonly Uint8Array[] {
    return [...this.#need.values()];
  }

  begin(): Uint8Array {
    return this.#initiator.begin();
  }

  /** What to ask next; `undefined` when all is known, or more than can be asked for. Throws `MalformedError`. */
  *hear(answer: Uint8Array): Steps<Uint8Array | undefined> {
    if (++this.#answers > rangesMax) throw endless();
    const { message, have, need } = yield* asMalformed(this.#initiator.receiving(answer));
    for (const id of have) this.have.push(id);
    yield* eachInSteps(need, (id) => this.#need.set(shortIdKey(id), id));
    return this.#need.size > differingMax ? undefined : message;
  }
}

/** The side that is asked. Its function throws `MalformedError`. */
export function rangeAnswers(items: ItemSet): (question: Uint8Array) => Steps<Uint8Array> {
  const responder = new Responder(items, frames);
  let questions = 0;
  return function* (question) {
    if (++questions > rangesMax) throw endless();
    return yield* asMalformed(responder.answering(question));
  };
}

function* asMalformed<T>(reading: Steps<T>): Steps<T> {
  try {
    return yield* reading;
  } catch (error) {
    if (error instanceof NegentropyError) throw new MalformedError(error.message);
    throw error;
  }
}

function endless(): MalformedError {
  return new MalformedError(`ranges went back and forth over ${rangesMax} times`);
}
