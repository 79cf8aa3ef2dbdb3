import { type EntryRef, type Hlc, mapInSteps, type Steps, unreachable } from '@lattice/model';
import { MalformedError, type SendableBundle, wire } from '@lattice/proto';
import type { Findings } from './comparison.js';
import { samplesMax } from './limits.js';
import { fromWireRef, send, toWireRef } from './messages.js';
import { Outbox, type OutgoingBundle } from './outbox.js';
import type { AdmitOutcome, SyncEffect, SyncStats, SyncStore } from './session-types.js';

export interface ExchangeOptions {
  readonly store: SyncStore;
  /** What the first half of the session found out. */
  readonly findings: Findings;
  /** The latest time that the peer takes. */
  readonly horizon: Hlc;
  readonly stats: SyncStats;
  /** For a peer that showed nothing of what it has: asks about all that it does not know. */
  readonly asksAboutAll: boolean;
  /** Takes, and sends nothing. */
  readonly sendsNothing: boolean;
}

/** What the two say to each other in this half. */
type ExchangeMessage = Extract<
  wire.SyncMessage['body'],
  { readonly case: 'probe' | 'probeReply' | 'bundle' | 'ack' | 'done' }
>;

/**
 * The second half of a session: finds where branches part, and sends what the other lacks while the other does the same.
 * Bundles are taken and acknowledged one by one, so that a session that breaks leaves what has come.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  #samples: readonly EntryRef[] = [];
  #outbox: Outbox | undefined;
  #admitting: bigint | undefined;
  #askedInFull: bigint | undefined;
  #awaitsProbe = false;
  #hasAnsweredProbe = false;
  #saidDone = false;
  #peerIsDone = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  *start(): Steps<readonly SyncEffect[]> {
    const { findings, store, asksAboutAll } = this.#options;
    this.#samples = yield* samplesOf(asksAboutAll ? findings.unknownToPeer : findings.contested, store);
    if (this.#samples.length === 0) return yield* this.#startSending([]);
    this.#awaitsProbe = true;
    return [send({ case: 'probe', value: { samples: this.#samples.map(toWireRef) } })];
  }

  /** What to do about a message of this half, found out in steps. Throws `MalformedError`. */
  *hear(message: ExchangeMessage): Steps<readonly SyncEffect[]> {
    switch (message.case) {
      case 'ack':
        return yield* this.#onAck(message.value);
      case 'probeReply':
        return yield* this.#onProbeReply(message.value);
      case 'probe':
        this.#expectMore();
        return yield* this.#onProbe(message.value);
      case 'bundle':
        this.#expectMore();
        this.#admitting = message.value.index;
        return [{ kind: 'admit', index: message.value.index, bundle: message.value.bundle }];
      case 'done':
        this.#expectMore();
        this.#peerIsDone = true;
        return this.#endIfDone();
      default:
        return unreachable(message);
    }
  }

  /** What became of the bundle that was to be admitted. Throws `MalformedError`. */
  onAdmitted(index: bigint, outcome: AdmitOutcome): readonly SyncEffect[] {
    if (index !== this.#admitting) return [];
    switch (outcome.kind) {
      case 'taken':
        this.#options.stats.receivedEntries += outcome.entries;
        return [send({ case: 'ack', value: { index } })];
      case 'needs-full':
        return this.#askInFull(index);
      case 'invalid':
        throw new MalformedError(outcome.reason);
      case 'unable':
        return [
          send({ case: 'failure', value: { code: wire.FailureCode.UNABLE, reason: outcome.reason } }),
          { kind: 'end', outcome: { kind: 'failed', reason: outcome.reason, blame: false } },
        ];
      default:
        return unreachable(outcome);
    }
  }

  /** Lets go of the history. */
  close(): void {
    this.#outbox?.close();
  }

  *#onProbe({ samples }: wire.Probe): Steps<readonly SyncEffect[]> {
    if (this.#hasAnsweredProbe) throw new MalformedError('a second probe');
    this.#hasAnsweredProbe = true;
    if (samples.length > samplesMax)
      throw new MalformedError(`${samples.length} samples, over the bound of ${samplesMax}`);
    const { store } = this.#options;
    const known = yield* mapInSteps(samples, (sample) => store.knows(fromWireRef(sample)));
    return [send({ case: 'probeReply', value: { known } })];
  }

  *#onProbeReply({ known }: wire.ProbeReply): Steps<readonly SyncEffect[]> {
    if (!this.#awaitsProbe) throw new MalformedError('a message out of turn: nothing was probed for');
    if (known.length !== this.#samples.length)
      throw new MalformedError('there must be a verdict on every sample');
    this.#awaitsProbe = false;
    this.#options.stats.roundTrips++;
    return yield* this.#startSending(this.#samples.filter((_, index) => known[index]));
  }

  *#startSending(common: readonly EntryRef[]): Steps<readonly SyncEffect[]> {
    const { findings, store, horizon, sendsNothing } = this.#options;
    const nothing: Iterator<SendableBundle> = [][Symbol.iterator]();
    const has = [...findings.hasForCertain, ...common];
    this.#outbox = new Outbox(sendsNothing ? nothing : store.outgoing(has, horizon));
    return yield* this.#sendMore();
  }

  *#sendMore(): Steps<readonly SyncEffect[]> {
    const effects: SyncEffect[] = [];
    for (let next = yield* this.#next(); next; next = yield* this.#next()) {
      this.#options.stats.sentEntries += next.entries;
      effects.push(send({ case: 'bundle', value: { index: next.index, bundle: next.bytes } }));
    }
    if (!this.#outbox?.isDone || this.#saidDone) return effects;
    this.#saidDone = true;
    return [...effects, send({ case: 'done', value: {} }), ...this.#endIfDone()];
  }

  *#next(): Steps<OutgoingBundle | undefined> {
    return this.#outbox ? yield* this.#outbox.next() : undefined;
  }

  #askInFull(index: bigint): readonly SyncEffect[] {
    if (this.#askedInFull === index)
      throw new MalformedError('a bundle that was asked for in full came thin again');
    this.#askedInFull = index;
    return [send({ case: 'ack', value: { index, needsFull: true } })];
  }

  *#onAck({ index, needsFull }: wire.Ack): Steps<readonly SyncEffect[]> {
    if (!needsFull) {
      if (!this.#outbox?.acknowledge(index))
        throw new MalformedError('an acknowledgement of what was not sent');
      return yield* this.#sendMore();
    }
    const full = this.#outbox?.full(index);
    if (!full) throw new MalformedError('an acknowledgement of what was not sent');
    return [send({ case: 'bundle', value: { index, bundle: full.bytes } })];
  }

  #expectMore(): void {
    if (this.#peerIsDone) throw new MalformedError('a message after the last');
  }

  #endIfDone(): readonly SyncEffect[] {
    return this.#saidDone && this.#peerIsDone ? [{ kind: 'end', outcome: { kind: 'done' } }] : [];
  }
}

/** As far as one message goes. */
function* samplesOf(tips: readonly EntryRef[], store: SyncStore): Steps<readonly EntryRef[]> {
  const samples: EntryRef[] = [];
  for (const tip of tips) {
    yield;
    samples.push(...store.samples(tip));
    if (samples.length >= samplesMax) break;
  }
  return samples.slice(0, samplesMax);
}
