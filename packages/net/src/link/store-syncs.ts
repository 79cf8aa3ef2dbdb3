import { idKey, type IdKey, messageOf, type Random, type Timers } from '@lattice/model';
import type { Connection } from '@lattice/net-types';
import { encodeMessage, newMessage, wire } from '@lattice/proto';
import { nonceBytes, SyncSession } from '@lattice/sync';
import { GuardedReader } from './guarded-reader.js';
import type { PeerRoom } from './inbound-room.js';
import type { LinkMesh, LinkStore, LinkSyncProgress, LinkSyncReport } from './link-host.js';
import { driveSync, silenceMaxMs, type SyncDriven } from './sync-driver.js';

export interface StoreSyncsOptions {
  readonly connection: Connection;
  readonly room: PeerRoom;
  readonly timers: Timers;
  readonly random: Random;
  /** The peer broke the protocol. */
  readonly onBlame: (reason: string) => void;
}

export type OnSyncProgress = (progress: LinkSyncProgress) => void;

/** The syncs that this side of a connection begins. Of one store there is one at a time, and at most one to follow. */
export class StoreSyncs {
  readonly #options: StoreSyncsOptions;
  readonly #running = new Map<IdKey, Promise<LinkSyncReport>>();
  readonly #next = new Map<IdKey, Promise<LinkSyncReport>>();
  readonly #sessions = new Set<Promise<LinkSyncReport>>();
  /** Who is told how far the syncs of a store are. */
  readonly #watchers = new Map<IdKey, Set<OnSyncProgress>>();

  constructor(options: StoreSyncsOptions) {
    this.#options = options;
  }

  /** Whether any is under way that this side began. */
  get isBusy(): boolean {
    return this.#sessions.size > 0;
  }

  /**
   * Syncs what is there from now on. Never rejects: what went wrong is in the report. The progress of a sync that is to end
   * first is told too: it may bring all there is.
   */
  async sync(store: LinkStore, onProgress?: OnSyncProgress): Promise<LinkSyncReport> {
    if (!onProgress) return this.#soon(store);
    const key = idKey(store.id);
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(onProgress));
    try {
      return await this.#soon(store);
    } finally {
      watchers.delete(onProgress);
      if (watchers.size === 0) this.#watchers.delete(key);
    }
  }

  #soon(store: LinkStore): Promise<LinkSyncReport> {
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

  /** Resolves when none is under way any more: once the connection is closed, they end soon. */
  async ended(): Promise<void> {
    while (this.#sessions.size > 0) await Promise.all(this.#sessions);
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

  #session(store: LinkStore, kind: OpenKind): Promise<LinkSyncReport> {
    const session = this.#report(store, kind).finally(() => this.#sessions.delete(session));
    this.#sessions.add(session);
    return session;
  }

  async #report(store: LinkStore, kind: OpenKind): Promise<LinkSyncReport> {
    const { connection, timers } = this.#options;
    const startMs = timers.monotonicMs();
    try {
      return await this.#attempt(store, kind, startMs);
    } catch (error) {
      // The store was closed, and has no tips to begin with.
      const ms = timers.monotonicMs() - startMs;
      return { store: store.id, peer: connection.remote, ...nothingDone, ms, failure: messageOf(error) };
    }
  }

  async #attempt(store: LinkStore, kind: OpenKind, startMs: number): Promise<LinkSyncReport> {
    const { connection, timers, onBlame } = this.#options;
    let session = this.#newSession(store, kind, false);
    let driven = await this.#drive(store, session, kind);
    if (driven.outcome.kind === 'collision') {
      session = this.#newSession(store, kind, true);
      driven = await this.#drive(store, session, kind);
    }
    if (driven.outcome.kind === 'failed' && driven.outcome.blame) onBlame(driven.outcome.reason);
    const { sentBytes, receivedBytes } = driven;
    const report = {
      store: store.id,
      peer: connection.remote,
      ...session.stats,
      knownToPeer: session.knownToPeer,
      sentBytes,
      receivedBytes,
      ms: timers.monotonicMs() - startMs,
    };
    const failure = failureOf(driven);
    return failure === undefined ? report : { ...report, failure };
  }

  #newSession(store: LinkStore, kind: OpenKind, whole: boolean): SyncSession {
    const nonce = this.#options.random.bytes(nonceBytes);
    return new SyncSession({ store, role: 'initiator', nonce, whole, handover: kind.case === 'handover' });
  }

  async #drive(store: LinkStore, session: SyncSession, kind: OpenKind): Promise<SyncDriven> {
    const { connection, room, timers } = this.#options;
    try {
      const stream = await connection.openStream();
      return await driveSync({
        stream,
        reader: new GuardedReader(stream, room, timers),
        session,
        admit: (bundle) => store.admit(bundle, connection.remote),
        timers,
        onProgress: () => this.#tell(store, session),
        greeting: encodeMessage(wire.StreamOpenSchema, newMessage(wire.StreamOpenSchema, { kind })),
      });
    } catch (error) {
      return {
        outcome: { kind: 'failed', reason: messageOf(error), blame: false },
        sentBytes: 0,
        receivedBytes: 0,
      };
    }
  }

  #tell(store: LinkStore, { progress }: SyncSession): void {
    const peer = this.#options.connection.remote;
    for (const watcher of this.#watchers.get(idKey(store.id)) ?? []) watcher({ peer, ...progress });
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
  return outcome.kind === 'collision' ? 'the peer finds that whole tips collide' : undefined;
}
