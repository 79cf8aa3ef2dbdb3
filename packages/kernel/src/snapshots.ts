import {
  type Cancel,
  type Entry,
  type EntryInfo,
  LatticeError,
  type LocalRef,
  type StateView,
} from '@lattice/model';
import { type KvSnapshot, kvSnapshotsMax } from '@lattice/storage';
import { authorOfChain } from './chain-table.js';
import { closedError } from './commit-refusals.js';
import { decodeEntryRecord, type EntryRecord } from './entry-record.js';
import { refKey } from './keys.js';
import type { ReplicaCore } from './replica-core.js';

/** An old snapshot keeps the engine from reusing what is freed, so that its file grows with every write. */
const snapshotLifeMs = 60_000;

/** A replica as it was at one moment, for those who read its state. Reads throw `snapshot-expired` or `store-closed` once it is over. */
export interface ReplicaSnapshot extends Disposable {
  readonly state: StateView;
  info(ref: LocalRef): EntryInfo;
  /** An entry's payload, from the log; not the caller's to change. Throws `log-damaged`. */
  payload(ref: LocalRef): Uint8Array;
}

/** The open snapshots of a replica. */
export class Snapshots {
  readonly #core: ReplicaCore;
  readonly #open = new Set<Snapshot>();
  #isClosed = false;

  constructor(core: ReplicaCore) {
    this.#core = core;
  }

  /** Throws `too-many-snapshots` or `store-closed`. */
  take(): ReplicaSnapshot {
    if (this.#isClosed) throw closedError();
    if (this.#open.size >= kvSnapshotsMax) throw tooMany();
    const snapshot = new Snapshot(this.#core, () => this.#open.delete(snapshot));
    this.#open.add(snapshot);
    return snapshot;
  }

  /** Whoever reads one from now on is told that the store is closed. */
  close(): void {
    this.#isClosed = true;
    for (const snapshot of this.#open) snapshot.end(closedError);
  }
}

class Snapshot implements ReplicaSnapshot {
  readonly state: StateView;
  readonly #core: ReplicaCore;
  readonly #kv: KvSnapshot;
  readonly #entries: StateView;
  readonly #chains: StateView;
  readonly #onEnded: () => void;
  readonly #cancelExpiry: Cancel;
  #ended: (() => LatticeError) | undefined;

  constructor(core: ReplicaCore, onEnded: () => void) {
    const { kv, projection } = core.state;
    this.#core = core;
    this.#kv = kv.snapshot();
    this.state = guarded(this.#kv.table(projection.tableName), () => this.#requireOpen());
    this.#entries = this.#kv.table('entries');
    this.#chains = this.#kv.table('chains');
    this.#onEnded = onEnded;
    this.#cancelExpiry = core.options.timers.after(snapshotLifeMs, () => this.end(expired));
  }

  info(ref: LocalRef): EntryInfo {
    return this.#infoOf(this.#record(ref));
  }

  payload(ref: LocalRef): Uint8Array {
    return this.#entry(ref).payload;
  }

  end(reason: () => LatticeError): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#cancelExpiry();
    this.#kv[Symbol.dispose]();
    this.#onEnded();
  }

  [Symbol.dispose](): void {
    this.end(disposed);
  }

  #entry(ref: LocalRef): Entry {
    const record = this.#record(ref);
    const { reader, state } = this.#core;
    const entry = reader.entryOf(record);
    if (entry) return entry;
    // Its part of the log was rewritten since, and it has another place and perhaps another alias there: the hash it keeps.
    const place = state.dag.index.find(this.#infoOf(record));
    if (!place) throw lost();
    return reader.entry(state.dag.index, state.dag.index.refAt(place));
  }

  #record(ref: LocalRef): EntryRecord {
    this.#requireOpen();
    const bytes = this.#entries.get(refKey(ref));
    if (!bytes) throw lost();
    return decodeEntryRecord(ref, bytes);
  }

  #infoOf({ chain, seq, hash, hlc, time }: EntryRecord): EntryInfo {
    return { author: authorOfChain(this.#chains, chain), seq, hash, hlc, time };
  }

  #requireOpen(): void {
    // The engine ends one, too, where it costs too much.
    if (!this.#kv.isOpen) this.end(expired);
    if (this.#ended) throw this.#ended();
  }
}

/** The same, which asks before each page that is read. */
function guarded(view: StateView, requireOpen: () => void): StateView {
  return {
    get: (key) => {
      requireOpen();
      return view.get(key);
    },
    range: function* (options) {
      requireOpen();
      for (const pair of view.range(options)) {
        yield pair;
        requireOpen();
      }
    },
  };
}

function expired(): LatticeError {
  const message = `A snapshot ends after ${snapshotLifeMs / 1_000} s, since the store's file grows while it is open: take another one and go on from the last key that was read, or read all of it sooner.`;
  return new LatticeError('snapshot-expired', message);
}

function disposed(): LatticeError {
  return new LatticeError('snapshot-expired', 'This snapshot was disposed of: take another one.');
}

function tooMany(): LatticeError {
  const message = `${kvSnapshotsMax} snapshots of this store are open: dispose of those that are read (\`using\` does), or wait until they end, after ${snapshotLifeMs / 1_000} s each.`;
  return new LatticeError('too-many-snapshots', message);
}

function lost(): LatticeError {
  return new LatticeError(
    'log-damaged',
    'What the snapshot refers to is no longer in the log: take another snapshot; `store check` tells whether the log is damaged.',
  );
}
