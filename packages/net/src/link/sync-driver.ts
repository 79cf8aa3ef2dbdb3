import { messageOf, type Timers, TimeSlice } from '@lattice/model';
import type { Stream } from '@lattice/net-types';
import { decodeMessage, encodeMessage, MalformedError, wire } from '@lattice/proto';
import type { AdmitOutcome, SyncEffect, SyncInput, SyncOutcome, SyncSession } from '@lattice/sync';
import { FrameWriter } from '../frames.js';
import { faultOfPeer } from './fault.js';
import type { GuardedReader } from './guarded-reader.js';
import { SendQueue } from './send-queue.js';
import { Watchdog } from './watchdog.js';

/** A peer that says nothing for so long in the middle of a sync is gone, or wastes our time. */
export const silenceMaxMs = 30_000;
/** So does one that goes on talking for so long, and there is nothing new in it. */
const idleTalkMaxMs = 600_000;

/**
 * How much may wait for the peer to read. An honest one reads, and what is sent without its asking is bounded by far less
 * than that.
 */
const waitingFramesMax = 1_024;

export interface SyncDriverOptions {
  readonly stream: Stream;
  readonly reader: GuardedReader;
  readonly session: SyncSession;
  readonly admit: (bundle: Uint8Array) => Promise<AdmitOutcome>;
  readonly timers: Timers;
  /** What goes out before the session's first message. */
  readonly greeting?: Uint8Array;
  /** Hears that entries went one way or the other: the session knows how many. */
  readonly onProgress?: () => void;
}

export interface SyncDriven {
  readonly outcome: SyncOutcome;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Runs a session over a stream to its end. Never rejects: a broken stream is an outcome. */
export async function driveSync(options: SyncDriverOptions): Promise<SyncDriven> {
  return new SyncDriver(options).run();
}

class SyncDriver {
  readonly #options: SyncDriverOptions;
  readonly #slice: TimeSlice;
  readonly #queue: SendQueue;
  readonly #writer: FrameWriter;
  #receivedBytes = 0;
  #outcome: SyncOutcome | undefined;

  constructor(options: SyncDriverOptions) {
    this.#options = options;
    this.#slice = new TimeSlice(options.timers);
    this.#writer = new FrameWriter(options.stream);
    this.#queue = new SendQueue(this.#writer);
  }

  async run(): Promise<SyncDriven> {
    const { stream, reader, session, timers, greeting } = this.#options;
    using _reader = reader;
    using _watchdog = reader.watch(silenceMaxMs, () => stream.reset());
    using progress = new Watchdog(timers, idleTalkMaxMs, () => stream.reset());
    try {
      if (greeting) {
        this.#queue.push(greeting);
        await this.#step({ kind: 'start' });
      }
      while (!this.#outcome) await this.#readOne(session, progress);
      // Whoever is to blame hears so when the connection is closed.
      if (!isBlame(this.#outcome)) await this.#endWell();
    } catch (error) {
      stream.reset();
      this.#outcome ??= { kind: 'failed', reason: messageOf(error), blame: faultOfPeer(error) !== undefined };
    }
    return { outcome: this.#outcome, sentBytes: this.#queue.bytesInAll, receivedBytes: this.#receivedBytes };
  }

  async #readOne(session: SyncSession, progress: Watchdog): Promise<void> {
    const frame = await this.#options.reader.next();
    if (!frame) throw new Error('the peer ended the stream before the sync was done');
    this.#receivedBytes += frame.length;
    const before = movedEntries(session);
    await this.#step({ kind: 'message', message: decodeMessage(wire.SyncMessageSchema, frame) });
    if (movedEntries(session) === before) return;
    progress.heard();
    this.#options.onProgress?.();
  }

  async #step(input: SyncInput): Promise<void> {
    await this.#perform(await this.#slice.finish(this.#options.session.steps(input)));
  }

  async #perform(effects: readonly SyncEffect[]): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === 'send') {
        this.#send(effect.message);
        await this.#slice.rest();
      } else if (effect.kind === 'end') this.#outcome = effect.outcome;
      else {
        const outcome = await this.#options.admit(effect.bundle);
        await this.#step({ kind: 'admitted', index: effect.index, outcome });
      }
    }
  }

  #send(message: wire.SyncMessage): void {
    if (this.#queue.length >= waitingFramesMax)
      throw new MalformedError('the peer does not read what it is told');
    this.#queue.push(encodeMessage(wire.SyncMessageSchema, message));
  }

  /** The peer's last words may still be on their way; until it has finished, the stream must not be dropped. */
  async #endWell(): Promise<void> {
    await this.#queue.flush();
    await this.#writer.finish();
    while (await this.#options.reader.next()) continue;
  }
}

function movedEntries({ stats }: SyncSession): number {
  return stats.sentEntries + stats.receivedEntries;
}

function isBlame(outcome: SyncOutcome): boolean {
  return outcome.kind === 'failed' && outcome.blame;
}
