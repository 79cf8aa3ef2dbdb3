import { idKey, type IdKey, type Random, type Timers } from '@lattice/model';
import type { Connection } from '@lattice/net-types';
import { encodeMessage, newMessage, wire } from '@lattice/proto';
import { nonceBytes, SyncSession } from '@lattice/sync';
import { FrameReader } from '../frames.js';
import type { LinkMesh, LinkStore, LinkSyncReport } from './link-host.js';
import { driveSync, silenceMaxMs, type SyncDriven } from './sync-driver.js';

/** Two tips with one short id happen to nobody; a peer that says so time and again is at fault. */
const collisionsMax = 3;

export interface StoreSyncsOptions {
  readonly connection: Connection;
  readonly timers: Timers;
  readonly random: Random;
  /** The peer broke the protocol. */
  readonly onBlame: (reason: string) => void;
}

/** The syncs that this side of a connection begins. Of one store there is one at a time, and at most one to follow. */
export class StoreSyncs {
  readonly #options: StoreSyncsOptions;
  readonly #running = new Map<IdKey, Promise<LinkSyncReport>>();
  readonly #next = new Map<IdKey, Promise<LinkSyncReport>>();

  constructor(options: StoreSyncsOptions) {
    this.#options = options;
  }

  /** Syncs what is there from now on. Never rejects: what went wrong is in the report. */
  sync(store: LinkStore): Promise<LinkSyncReport> {
    const key = idKey(store.id);
    const running = this.#running.get(key);
    if (!running) return this.#begin(store);
    const next = this.#next.get(key) ?? running.then(() => this.#begin(store));
    this.#next.set(key, next);
    return next;
  }

  /**
   * The mesh store first, since it says what counts in the others and which there are. Where the peer fell silent, the rest is
   * not tried: it would wait as long for each.
   */
  async syncMesh(mesh: LinkMesh): Promise<readonly LinkSyncReport[]> {
    const reports = [await this.sync(mesh.meshStore)];
    for (const store of mesh.stores()) {
      if (reports.some(({ failure, ms }) => failure !== undefined && ms >= silenceMaxMs)) break;
      reports.push(await this.sync(store));
    }
    return reports;
  }

  /** Hands a mesh store over to a peer that does not know this node as a member yet. */
  async handOver(mesh: LinkMesh, tag: Uint8Array): Promise<LinkSyncReport> {
    return this.#session(mesh.meshStore, { case: 'handover', value: { meshTag: tag } });
  }

  #begin(store: LinkStore): Promise<LinkSyncReport> {
    const key = idKey(store.id);
    this.#next.delete(key);
    const report = this.#session(store, { case: 'sync', value: { store: store.id } }).finally(() =>
      this.#running.delete(key),
    );
    this.#running.set(key, report);
    return report;
  }

  async #session(store: LinkStore, kind: OpenKind): Promise<LinkSyncReport> {
    const { connection, timers } = this.#options;
    const startMs = timers.monotonicMs();
    try {
      return await this.#attempt(store, kind, startMs);
    } catch (error) {
      // The store was closed, and has no tips to begin with.
      const ms = timers.monotonicMs() - startMs;
      return { store: store.id, peer: connection.remote, ...nothingDone, ms, failure: reasonOf(error) };
    }
  }

  async #attempt(store: LinkStore, kind: OpenKind, startMs: number): Promise<LinkSyncReport> {
    const { connection, timers, random, onBlame } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const session = new SyncSession({
        store,
        role: 'initiator',
        nonce: random.bytes(nonceBytes),
        handover: kind?.case === 'handover',
      });
      const driven = await this.#drive(store, session, kind);
      if (driven.outcome.kind === 'collision' && attempt < collisionsMax) continue;
      if (driven.outcome.kind === 'failed' && driven.outcome.blame) onBlame(driven.outcome.reason);
      const { sentBytes, receivedBytes } = driven;
      const ms = timers.monotonicMs() - startMs;
      const report = {
        store: store.id,
        peer: connection.remote,
        ...session.stats,
        knownToPeer: session.knownToPeer,
        sentBytes,
        receivedBytes,
        ms,
      };
      const failure = failureOf(driven);
      return failure === undefined ? report : { ...report, failure };
    }
  }

  async #drive(store: LinkStore, session: SyncSession, kind: OpenKind): Promise<SyncDriven> {
    const { connection, timers } = this.#options;
    try {
      const stream = await connection.openStream();
      return await driveSync({
        stream,
        reader: new FrameReader(stream),
        session,
        admit: (bundle) => store.admit(bundle, connection.remote),
        timers,
        greeting: encodeMessage(wire.StreamOpenSchema, newMessage(wire.StreamOpenSchema, { kind })),
      });
    } catch (error) {
      return {
        outcome: { kind: 'failed', reason: reasonOf(error), blame: false },
        sentBytes: 0,
        receivedBytes: 0,
      };
    }
  }
}

const nothingDone = {
  sentEntries: 0,
  receivedEntries: 0,
  sentBytes: 0,
  receivedBytes: 0,
  roundTrips: 0,
  knownToPeer: [],
};

type OpenKind = NonNullable<Parameters<typeof newMessage<typeof wire.StreamOpenSchema>>[1]['kind']>;

function failureOf({ outcome }: SyncDriven): string | undefined {
  if (outcome.kind === 'failed') return outcome.reason;
  return outcome.kind === 'collision' ? 'short ids collided time and again' : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
