import {
  fromUtf8,
  idKey,
  type IdKey,
  LatticeError,
  type NodeId,
  type StoreId,
  type Timers,
  toHex,
  utf8,
} from '@lattice/model';
import type { StoreHolding } from '@lattice/net';
import type { OrderedKv, Table } from '@lattice/storage';

/** Of so many stores of one peer what it holds is remembered; those it spoke of last stay. */
const storesMax = 1_024;
/**
 * How long news may wait before it is written down, together with what else there is: it is written whenever a connection ends,
 * and each write is synced while nobody else has a turn.
 */
const writeAfterMs = 60_000;

/** What a peer last said that it has of a store. */
export interface HeardHolding {
  /** Hexadecimal. */
  readonly digest: string;
  readonly entries: number;
  /** When it said so: Unix milliseconds. */
  readonly atMs: number;
}

type Heard = Map<IdKey, HeardHolding>;

export interface HoldingsBookOptions {
  readonly meta: OrderedKv;
  readonly timers: Timers;
  /** Whether it is worth a place on the disk what somebody has of that store. */
  readonly isKnownStore: (store: IdKey) => boolean;
}

/** What peers last said that they hold, kept across runs. A hint for people: losing it costs the next message of each. */
export class HoldingsBook {
  readonly #options: HoldingsBookOptions;
  readonly #table: Table;
  readonly #byPeer = new Map<IdKey, Heard>();
  readonly #unwritten = new Map<IdKey, NodeId>();
  #cancel: (() => void) | undefined;

  constructor(options: HoldingsBookOptions) {
    this.#options = options;
    this.#table = options.meta.table('holdings');
  }

  get(peer: NodeId, store: StoreId): HeardHolding | undefined {
    return this.#of(peer).get(idKey(store));
  }

  note(peer: NodeId, holdings: readonly StoreHolding[], nowMs: number): void {
    const heard = this.#of(peer);
    for (const { store, digest, entries } of holdings) {
      heard.delete(idKey(store));
      heard.set(idKey(store), { digest: toHex(digest), entries, atMs: nowMs });
    }
    for (const oldest of heard.keys()) {
      if (heard.size <= storesMax) break;
      heard.delete(oldest);
    }
    this.#unwritten.set(idKey(peer), peer);
    this.#writeLater();
  }

  /** Writes down what is new; what the disk has no room for, later. */
  write(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#unwritten.size === 0) return;
    const isWritten = this.#tryTo(() => {
      for (const peer of this.#unwritten.values()) this.#table.put(peer, this.#row(peer));
    });
    if (isWritten) this.#unwritten.clear();
    else this.#writeLater();
  }

  /** Forgets all peers but those. */
  keepOnly(isWanted: (peer: IdKey) => boolean): void {
    const peers = [...this.#table.range()].map(([key]) => key as NodeId);
    const unwanted = peers.filter((peer) => !isWanted(idKey(peer)));
    if (unwanted.length === 0) return;
    this.#tryTo(() => {
      for (const peer of unwanted) this.#table.remove(peer);
    });
    for (const peer of unwanted) this.#byPeer.delete(idKey(peer));
  }

  /** Nothing is written any more. */
  close(): void {
    this.write();
    this.#cancel?.();
  }

  /** Whether the disk took it. */
  #tryTo(write: () => void): boolean {
    try {
      this.#options.meta.transaction(write);
      return true;
    } catch (error) {
      if (error instanceof LatticeError) return false;
      throw error;
    }
  }

  #writeLater(): void {
    this.#cancel ??= this.#options.timers.after(writeAfterMs, () => this.write());
  }

  #row(peer: NodeId): Uint8Array {
    const known = [...this.#of(peer)].filter(([store]) => this.#options.isKnownStore(store));
    return utf8(JSON.stringify(known));
  }

  #of(peer: NodeId): Heard {
    const key = idKey(peer);
    const known = this.#byPeer.get(key);
    if (known) return known;
    const bytes = this.#table.get(peer);
    const heard = parseHeard(bytes && fromUtf8(bytes));
    this.#byPeer.set(key, heard);
    return heard;
  }
}

/** Nothing, for what cannot be read: it is only a hint. */
function parseHeard(text: string | undefined): Heard {
  if (text === undefined) return new Map();
  try {
    const parsed = JSON.parse(text) as unknown;
    return new Map(Array.isArray(parsed) ? parsed.filter(isHeard) : []);
  } catch {
    return new Map();
  }
}

function isHeard(item: unknown): item is [IdKey, HeardHolding] {
  if (!Array.isArray(item)) return false;
  const [store, holding] = item as unknown[];
  if (typeof store !== 'string' || typeof holding !== 'object' || holding === null) return false;
  const { digest, entries, atMs } = holding as Partial<HeardHolding>;
  return typeof digest === 'string' && typeof entries === 'number' && typeof atMs === 'number';
}
