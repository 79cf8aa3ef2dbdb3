import { type Bundle, equalBytes, type EntryRef, type Hlc, hlcZero, unreachable } from '@lattice/model';
import { MalformedError, wire } from '@lattice/proto';
import { Comparison } from './comparison.js';
import { differingMessages, fromWireRef, send, toWireRef } from './messages.js';
import { Outbox } from './outbox.js';
import type {
  AdmitOutcome,
  SyncEffect,
  SyncInput,
  SyncOutcome,
  SyncStats,
  SyncStore,
} from './session-types.js';
import { nonceBytes, shortIdBytes } from './short-ids.js';

/** More tips than this differ on no honest pair of nodes; what is beyond has to wait for the next session. */
const differingMax = 100_000;
const samplesMax = 4_096;

export interface SessionOptions {
  readonly store: SyncStore;
  readonly role: 'initiator' | 'responder';
  /** The initiator's 16 random bytes. */
  readonly nonce?: Uint8Array;
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
  readonly #comparison: Comparison;
  #nonce: Uint8Array;
  #peerHorizon: Hlc = hlcZero;
  #samples: readonly EntryRef[] = [];
  #outbox: Outbox | undefined;
  #admitting: bigint | undefined;
  #askedInFull: bigint | undefined;
  #peerIsDone = false;
  #saidDone = false;
  #hasAnsweredProbe = false;
  #isCompared = false;
  #ended = false;
  /** What the peer may say next, beside bundles and their acknowledgements. */
  #awaiting: Awaited;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#comparison = new Comparison(this.#showsNothing ? showingNothing(options.store) : options.store);
    this.#nonce = options.nonce ?? new Uint8Array(nonceBytes);
    this.#awaiting = options.role === 'initiator' ? 'start' : 'opening';
  }

  /** Tips of the beginning that the peer turned out to have in its DAG; none before that is found out. */
  get knownToPeer(): readonly EntryRef[] {
    return this.#isCompared ? this.#comparison.knownToPeer() : [];
  }

  step(input: SyncInput): readonly SyncEffect[] {
    if (this.#ended) return [];
    try {
      switch (input.kind) {
        case 'start':
          return this.#open();
        case 'message':
          return this.#onMessage(input.message);
        case 'admitted':
          return this.#onAdmitted(input.index, input.outcome);
        default:
          return unreachable(input);
      }
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      return this.#fail(wire.FailureCode.INVALID, error.message, true);
    }
  }

  #open(): readonly SyncEffect[] {
    this.#expect('start');
    this.#awaiting = 'differing';
    const shortIds = this.#comparison.shortIds(this.#nonce);
    const { store } = this.#options;
    const value = { nonce: this.#nonce, digest: store.digest(), shortIds, horizon: store.horizon() };
    return [send({ case: 'opening', value })];
  }

  #onMessage({ body }: wire.SyncMessage): readonly SyncEffect[] {
    switch (body.case) {
      case 'opening':
        return this.#onOpening(body.value);
      case 'equal':
        return this.#onEqual();
      case 'differing':
        return this.#onDiffering(body.value);
      case 'verdicts':
        return this.#onVerdicts(body.value);
      case 'probe':
        return this.#onProbe(body.value);
      case 'probeReply':
        return this.#onProbeReply(body.value);
      case 'bundle':
        return this.#onBundle(body.value);
      case 'ack':
        return this.#onAck(body.value);
      case 'done':
        this.#expectSending();
        this.#peerIsDone = true;
        return this.#endIfDone();
      case 'failure':
        return this.#onFailure(body.value);
      case undefined:
        throw new MalformedError('an empty message');
      default:
        return unreachable(body);
    }
  }

  #onOpening({ nonce, digest, shortIds, horizon }: wire.Opening): readonly SyncEffect[] {
    this.#expect('opening');
    if (nonce.length !== nonceBytes || shortIds.length % shortIdBytes !== 0)
      throw new MalformedError('an opening is malformed');
    this.#nonce = nonce;
    this.#peerHorizon = horizon as Hlc;
    const { store } = this.#options;
    if (!this.#showsNothing && equalBytes(digest, store.digest())) {
      return [send({ case: 'equal', value: {} }), ...this.#end({ kind: 'equal' })];
    }
    const unknownShortIds = this.#comparison.splitByShortIds(nonce, shortIds);
    this.#awaiting = 'differing';
    return differingMessages({ tips: this.#comparison.mine, unknownShortIds, horizon: store.horizon() });
  }

  #onEqual(): readonly SyncEffect[] {
    this.#expect('differing');
    if (this.#options.role === 'responder') throw new MalformedError('only the responder says what is equal');
    this.stats.roundTrips++;
    this.#isCompared = true;
    return this.#end({ kind: 'equal' });
  }

  #onDiffering(part: wire.Differing): readonly SyncEffect[] {
    this.#expect('differing');
    const { theirs } = this.#comparison;
    for (const tip of part.tips) theirs.push(fromWireRef(tip));
    if (theirs.length > differingMax) throw new MalformedError(`over ${differingMax} tips differ`);
    if (this.#options.role === 'initiator') this.#comparison.takeUnknown(this.#nonce, part.unknownShortIds);
    if (part.more) return [];

    this.#awaiting = 'verdicts';
    const verdicts = send({ case: 'verdicts', value: { known: [...this.#comparison.verdicts()] } });
    const unionDigest = this.#comparison.unionDigest();
    if (this.#options.role === 'responder')
      return equalBytes(part.unionDigest, unionDigest) ? [verdicts] : this.#collision();
    this.stats.roundTrips++;
    this.#peerHorizon = part.horizon as Hlc;
    const mine = { tips: this.#comparison.mine, horizon: this.#options.store.horizon(), unionDigest };
    return [...differingMessages(mine), verdicts];
  }

  #onVerdicts({ known }: wire.Verdicts): readonly SyncEffect[] {
    this.#expect('verdicts');
    if (this.#options.role === 'initiator') this.stats.roundTrips++;
    this.#comparison.takeVerdicts(known);
    this.#isCompared = true;
    const unclear = this.#options.handover ? this.#comparison.unknownToPeer() : this.#comparison.contested();
    this.#samples = unclear.flatMap((tip) => this.#options.store.samples(tip)).slice(0, samplesMax);
    if (this.#samples.length === 0) return this.#startSending([]);
    this.#awaiting = 'probe-reply';
    return [send({ case: 'probe', value: { samples: this.#samples.map(toWireRef) } })];
  }

  #onProbe({ samples }: wire.Probe): readonly SyncEffect[] {
    this.#expectSending();
    if (this.#hasAnsweredProbe) throw new MalformedError('a second probe');
    this.#hasAnsweredProbe = true;
    if (samples.length > samplesMax)
      throw new MalformedError(`${samples.length} samples, over the bound of ${samplesMax}`);
    return [
      send({
        case: 'probeReply',
        value: { known: samples.map((ref) => this.#options.store.knows(fromWireRef(ref))) },
      }),
    ];
  }

  #onProbeReply({ known }: wire.ProbeReply): readonly SyncEffect[] {
    this.#expect('probe-reply');
    if (known.length !== this.#samples.length)
      throw new MalformedError('there must be a verdict on every sample');
    if (this.#options.role === 'initiator') this.stats.roundTrips++;
    return this.#startSending(this.#samples.filter((_, index) => known[index]));
  }

  #startSending(common: readonly EntryRef[]): readonly SyncEffect[] {
    this.#awaiting = 'nothing';
    const has = [...this.#comparison.hasForCertain(), ...common];
    const nothing: Iterator<Bundle> = [][Symbol.iterator]();
    this.#outbox = new Outbox(
      this.#showsNothing ? nothing : this.#options.store.outgoing(has, this.#peerHorizon),
    );
    return this.#sendMore();
  }

  #sendMore(): readonly SyncEffect[] {
    const effects: SyncEffect[] = [];
    for (let next = this.#outbox?.next(); next; next = this.#outbox?.next()) {
      this.stats.sentEntries += next.entries;
      effects.push(send({ case: 'bundle', value: { index: next.index, bundle: next.bytes } }));
    }
    if (!this.#outbox?.isDone || this.#saidDone) return effects;
    this.#saidDone = true;
    return [...effects, send({ case: 'done', value: {} }), ...this.#endIfDone()];
  }

  #onBundle({ index, bundle }: wire.SyncBundle): readonly SyncEffect[] {
    this.#expectSending();
    this.#admitting = index;
    return [{ kind: 'admit', index, bundle }];
  }

  #onAdmitted(index: bigint, outcome: AdmitOutcome): readonly SyncEffect[] {
    if (index !== this.#admitting) return [];
    switch (outcome.kind) {
      case 'taken':
        this.stats.receivedEntries += outcome.entries;
        return [send({ case: 'ack', value: { index } })];
      case 'needs-full':
        return this.#askInFull(index);
      case 'invalid':
        return this.#fail(wire.FailureCode.INVALID, outcome.reason, true);
      case 'unable':
        return this.#fail(wire.FailureCode.UNABLE, outcome.reason, false);
      default:
        return unreachable(outcome);
    }
  }

  #askInFull(index: bigint): readonly SyncEffect[] {
    if (this.#askedInFull === index)
      throw new MalformedError('a bundle that was asked for in full came thin again');
    this.#askedInFull = index;
    return [send({ case: 'ack', value: { index, needsFull: true } })];
  }

  #onAck({ index, needsFull }: wire.Ack): readonly SyncEffect[] {
    if (needsFull) {
      const full = this.#outbox?.full(index);
      if (!full) throw new MalformedError('an acknowledgement of what was not sent');
      return [send({ case: 'bundle', value: { index, bundle: full.bytes } })];
    }
    if (!this.#outbox?.acknowledge(index))
      throw new MalformedError('an acknowledgement of what was not sent');
    return this.#sendMore();
  }

  #onFailure({ code, reason }: wire.Failure): readonly SyncEffect[] {
    if (code === wire.FailureCode.COLLISION) return this.#end({ kind: 'collision' });
    return this.#end({
      kind: 'failed',
      reason: `the peer ended the sync: ${reason.slice(0, 200)}`,
      blame: false,
    });
  }

  #endIfDone(): readonly SyncEffect[] {
    return this.#saidDone && this.#peerIsDone ? this.#end({ kind: 'done' }) : [];
  }

  #collision(): readonly SyncEffect[] {
    const failure = { code: wire.FailureCode.COLLISION, reason: 'short ids collided' };
    return [send({ case: 'failure', value: failure }), ...this.#end({ kind: 'collision' })];
  }

  #fail(code: wire.FailureCode, reason: string, blame: boolean): readonly SyncEffect[] {
    return [
      send({ case: 'failure', value: { code, reason } }),
      ...this.#end({ kind: 'failed', reason, blame }),
    ];
  }

  #end(outcome: SyncOutcome): readonly SyncEffect[] {
    this.#ended = true;
    this.#outbox?.close();
    return [{ kind: 'end', outcome }];
  }

  get #showsNothing(): boolean {
    return this.#options.handover === true && this.#options.role === 'responder';
  }

  /** Once its verdicts are here the peer may probe, and send bundles until it says that it is done. */
  #expectSending(): void {
    if (this.#awaiting !== 'probe-reply') this.#expect('nothing');
    if (this.#peerIsDone) throw new MalformedError('a message after the last');
  }

  #expect(awaited: Awaited): void {
    if (this.#awaiting !== awaited)
      throw new MalformedError(`a message out of turn: awaiting ${this.#awaiting}`);
  }
}

type Awaited = 'start' | 'opening' | 'differing' | 'verdicts' | 'probe-reply' | 'nothing';

/** The store as a stranger is shown it: no tips; still, what it brings is recognised. */
function showingNothing(store: SyncStore): SyncStore {
  return { ...boundTo(store), tips: () => [], samples: () => [] };
}

function boundTo(store: SyncStore): SyncStore {
  return {
    tips: () => store.tips(),
    digest: () => store.digest(),
    knows: (entry) => store.knows(entry),
    samples: (of) => store.samples(of),
    outgoing: (has, horizon) => store.outgoing(has, horizon),
    horizon: () => store.horizon(),
  };
}
