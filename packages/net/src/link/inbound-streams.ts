import { idKey, type IdKey, type Random, type Timers, toHex, unreachable } from '@lattice/model';
import type { Connection, Stream } from '@lattice/net-types';
import { decodeMessage, wire } from '@lattice/proto';
import { type AdmitOutcome, nonceBytes, SyncSession } from '@lattice/sync';
import { faultOfPeer } from './fault.js';
import { findStore } from './find-store.js';
import { GuardedReader } from './guarded-reader.js';
import type { PeerRoom } from './inbound-room.js';
import type { LinkMesh } from './link-host.js';
import type { Standing } from './standing.js';
import { withinBudget } from './stranger-budget.js';
import { driveSync } from './sync-driver.js';

/** How many streams of one peer are served at a time; a further one waits until one has ended. */
const streamsMax = 16;
/** And of a stranger: what is more is reset. */
const strangerStreamsMax = 8;
/** How many syncs of one store: an honest peer asks for one at a time, and may begin the next before it has read the end of the last. */
const syncsOfStoreMax = 2;
const firstFrameMaxMs = 10_000;

export interface InboundStreamsOptions {
  readonly connection: Connection;
  readonly standing: Standing;
  readonly room: PeerRoom;
  readonly timers: Timers;
  readonly random: Random;
  readonly onControl: (stream: Stream, reader: GuardedReader) => void;
  /** A sync that the peer began is over, well or not. */
  readonly onSynced: () => void;
  /** A stranger has handed over what it had: it may be a member now. */
  readonly onHandedOver: (mesh: LinkMesh) => void;
  readonly onBlame: (reason: string) => void;
}

/** Serves the streams that the peer opens. */
export class InboundStreams {
  readonly #options: InboundStreamsOptions;
  readonly #serving = new Set<Promise<void>>();
  readonly #handingOver = new Set<string>();
  readonly #syncing = new Map<IdKey, number>();

  constructor(options: InboundStreamsOptions) {
    this.#options = options;
  }

  /** Whether something is served: a sync, or what a stream has not said yet. */
  get isBusy(): boolean {
    return this.#serving.size > 0;
  }

  /** Resolves when the connection is closed. */
  async run(): Promise<void> {
    const { connection } = this.#options;
    for (let stream = await connection.acceptStream(); stream; stream = await connection.acceptStream()) {
      if (this.#isTooMuch()) {
        stream.reset();
        continue;
      }
      const served: Promise<void> = this.#serve(stream).finally(() => this.#serving.delete(served));
      this.#serving.add(served);
      if (this.#serving.size >= streamsMax) await Promise.race(this.#serving);
    }
    await Promise.all(this.#serving);
  }

  #isTooMuch(): boolean {
    return this.#serving.size >= strangerStreamsMax && this.#options.standing.isStranger;
  }

  async #serve(stream: Stream): Promise<void> {
    try {
      const { room, timers } = this.#options;
      using reader = new GuardedReader(stream, room, timers);
      const frame = await this.#firstFrame(stream, reader);
      if (frame) await this.#dispatch(stream, reader, decodeMessage(wire.StreamOpenSchema, frame));
    } catch (error) {
      stream.reset();
      const fault = faultOfPeer(error);
      if (fault !== undefined) this.#options.onBlame(fault);
    }
  }

  async #firstFrame(stream: Stream, reader: GuardedReader): Promise<Uint8Array | undefined> {
    using _watchdog = reader.watch(firstFrameMaxMs, () => stream.reset());
    // Awaited here: the watchdog goes with the function.
    return await reader.next();
  }

  async #dispatch(stream: Stream, reader: GuardedReader, { kind }: wire.StreamOpen): Promise<void> {
    switch (kind.case) {
      case 'control':
        return this.#options.onControl(stream, reader);
      case 'sync':
        return this.#serveSync(stream, reader, kind.value.store);
      case 'handover':
        return this.#takeOver(stream, reader, kind.value.meshTag);
      case undefined:
        // Of a later version: whoever opened it can do without.
        return stream.reset();
      default:
        return unreachable(kind);
    }
  }

  async #serveSync(stream: Stream, reader: GuardedReader, id: Uint8Array): Promise<void> {
    const found = findStore(this.#options.standing.shared(), id);
    // Whoever asks for a store that it cannot know of learns nothing from the answer: there is none.
    if (!found) return stream.reset();
    const { store } = found;
    const key = idKey(store.id);
    const running = this.#syncing.get(key) ?? 0;
    if (running >= syncsOfStoreMax) return stream.reset();
    this.#syncing.set(key, running + 1);
    try {
      const session = new SyncSession({ store, role: 'responder', nonce: this.#nonce() });
      await this.#drive(stream, reader, session, (bundle) =>
        store.admit(bundle, this.#options.connection.remote),
      );
    } finally {
      const others = (this.#syncing.get(key) ?? 1) - 1;
      if (others > 0) this.#syncing.set(key, others);
      else this.#syncing.delete(key);
    }
    this.#options.onSynced();
  }

  async #takeOver(stream: Stream, reader: GuardedReader, tag: Uint8Array): Promise<void> {
    const mesh = this.#options.standing.meant(tag);
    const key = toHex(tag);
    if (!mesh || this.#handingOver.has(key)) return stream.reset();
    this.#handingOver.add(key);
    try {
      const store = mesh.meshStore;
      const session = new SyncSession({ store, role: 'responder', nonce: this.#nonce(), handover: true });
      await this.#drive(stream, reader, session, withinBudget(mesh, this.#options.connection.remote));
    } finally {
      this.#handingOver.delete(key);
    }
    this.#options.onHandedOver(mesh);
  }

  #nonce(): Uint8Array {
    return this.#options.random.bytes(nonceBytes);
  }

  async #drive(
    stream: Stream,
    reader: GuardedReader,
    session: SyncSession,
    admit: (bundle: Uint8Array) => Promise<AdmitOutcome>,
  ): Promise<void> {
    const { outcome } = await driveSync({ stream, reader, session, admit, timers: this.#options.timers });
    if (outcome.kind === 'failed' && outcome.blame) this.#options.onBlame(outcome.reason);
  }
}
