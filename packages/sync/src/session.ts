import { allAtOnce, type EntryRef, type Steps, unreachable } from '@lattice/model';
import { MalformedError, wire } from '@lattice/proto';
import { Comparing, type ComparingMessage } from './comparing.js';
import { Exchange } from './exchange.js';
import { send } from './messages.js';
import type { SyncEffect, SyncInput, SyncProgress, SyncStats, SyncStore } from './session-types.js';

/** Of what a peer says to people. */
const reasonCharsMax = 200;

export interface SessionOptions {
  readonly store: SyncStore;
  readonly role: 'initiator' | 'responder';
  /** 16 random bytes. */
  readonly nonce: Uint8Array;
  /** Of the initiator: has all tips named in full, after a session that ended in a collision. */
  readonly whole?: boolean;
  /**
   * For a stranger who carries the proof of its own admission: the responder takes what it has and shows nothing of what is
   * here, so that the initiator has to probe for what is known.
   */
  readonly handover?: boolean;
}

/**
 * One sync of one store with one peer, as a state machine without I/O: compares tips, finds out what either side lacks, and
 * sends it both ways at once. `step` turns an input into what is to be done. It serves the tips of its start; what arrives
 * meanwhile waits for the next session.
 */
export class SyncSession {
  readonly stats: SyncStats = { sentEntries: 0, receivedEntries: 0, roundTrips: 0 };
  readonly #options: SessionOptions;
  readonly #store: SyncStore;
  readonly #comparing: Comparing;
  #exchange: Exchange | undefined;
  #knownToPeer: readonly EntryRef[] = [];
  #toMove: Pick<SyncProgress, 'toSend' | 'toReceive'> = {};
  #ended = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#store = this.#showsNothing ? showingNothing(options.store) : options.store;
    const { role, nonce, whole = false } = options;
    this.#comparing = new Comparing({
      store: this.#store,
      role,
      nonce,
      whole,
      isSecretive: this.#showsNothing,
    });
  }

  /** Tips of the beginning that the peer turned out to have in its DAG; none before that is found out. */
  get knownToPeer(): readonly EntryRef[] {
    return this.#knownToPeer;
  }

  get progress(): SyncProgress {
    const { sentEntries, receivedEntries } = this.stats;
    return { sentEntries, receivedEntries, ...this.#toMove };
  }

  step(input: SyncInput): readonly SyncEffect[] {
    return allAtOnce(this.steps(input));
  }

  /** The same in steps, none of which takes long, however many tips there are: to be finished before the next input. */
  *steps(input: SyncInput): Steps<readonly SyncEffect[]> {
    if (this.#ended) return [];
    const effects = yield* this.#effectsOf(input);
    if (effects.some(({ kind }) => kind === 'end')) {
      this.#ended = true;
      this.#exchange?.close();
    }
    return effects;
  }

  *#effectsOf(input: SyncInput): Steps<readonly SyncEffect[]> {
    try {
      switch (input.kind) {
        case 'start':
          return this.#comparing.start();
        case 'message':
          return yield* this.#onMessage(input.message);
        case 'admitted':
          return this.#exchange?.onAdmitted(input.index, input.outcome) ?? [];
        default:
          return unreachable(input);
      }
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      return this.#blame(error.message);
    }
  }

  *#onMessage({ body }: wire.SyncMessage): Steps<readonly SyncEffect[]> {
    switch (body.case) {
      case 'opening':
      case 'equal':
      case 'shortIds':
      case 'ranges':
      case 'differing':
      case 'verdicts':
        return yield* this.#compare(body);
      case 'probe':
      case 'probeReply':
      case 'bundle':
      case 'ack':
      case 'done':
        if (!this.#exchange) throw new MalformedError('a message out of turn: the tips are not compared');
        return yield* this.#exchange.hear(body);
      case 'failure':
        return this.#onFailure(body.value);
      case undefined:
        throw new MalformedError('an empty message');
      default:
        return unreachable(body);
    }
  }

  *#compare(message: ComparingMessage): Steps<readonly SyncEffect[]> {
    const effects = yield* this.#comparing.hear(message);
    this.stats.roundTrips = this.#comparing.roundTrips;
    const isCompared = this.#comparing.isOver && !effects.some(({ kind }) => kind === 'end');
    if (this.#comparing.isOver) this.#knownToPeer = this.#comparing.comparison.tips;
    return isCompared ? [...effects, ...(yield* this.#startExchange())] : effects;
  }

  *#startExchange(): Steps<readonly SyncEffect[]> {
    const { comparison, peerHorizon } = this.#comparing;
    const findings = yield* comparison.findings();
    this.#knownToPeer = findings.knownToPeer;
    const { toSend, toReceive } = findings;
    this.#toMove = { ...(toSend !== undefined && { toSend }), ...(toReceive !== undefined && { toReceive }) };
    this.#exchange = new Exchange({
      store: this.#store,
      findings,
      horizon: peerHorizon,
      stats: this.stats,
      asksAboutAll: this.#options.handover === true,
      sendsNothing: this.#showsNothing,
    });
    return yield* this.#exchange.start();
  }

  #onFailure({ code, reason }: wire.Failure): readonly SyncEffect[] {
    if (code === wire.FailureCode.COLLISION) return [{ kind: 'end', outcome: { kind: 'collision' } }];
    const said = `the peer ended the sync: ${reason.slice(0, reasonCharsMax)}`;
    return [{ kind: 'end', outcome: { kind: 'failed', reason: said, blame: false } }];
  }

  #blame(reason: string): readonly SyncEffect[] {
    return [
      send({ case: 'failure', value: { code: wire.FailureCode.INVALID, reason } }),
      { kind: 'end', outcome: { kind: 'failed', reason, blame: true } },
    ];
  }

  get #showsNothing(): boolean {
    return this.#options.handover === true && this.#options.role === 'responder';
  }
}

/** The store as a stranger is shown it: no tips; still, what it brings is recognised. */
function showingNothing(store: SyncStore): SyncStore {
  return {
    tips: () => [],
    timeOf: (tip) => store.timeOf(tip),
    digest: () => store.digest(),
    knows: (entry) => store.knows(entry),
    samples: () => [],
    outgoing: (has, horizon) => store.outgoing(has, horizon),
    horizon: () => store.horizon(),
  };
}
