import { LatticeError, sizeText } from '@lattice/model';
import type { NodeContext } from './context.js';
import { FreedHistories } from './freed-histories.js';
import { Notes } from './notes.js';

/** How long the data of a store that somebody else deleted is kept: long enough to notice a mistake, or a thief. */
const keptMs = 7 * 24 * 60 * 60 * 1000;

/** How often stores that were set aside are to be looked at: timers stand still while a machine sleeps. */
export const asideCheckMs = 60 * 60 * 1000;

/**
 * How much of the time to keep may have passed between two looks, whatever the clock says: one that jumps ahead by a week must
 * not free what was deleted yesterday. Between two runs of the node it may be more.
 */
const passedMaxMs = { running: 2 * asideCheckMs, stopped: 24 * 60 * 60 * 1000 };

/** The data on this node's disk of a store that is no longer listed. */
export interface AsideStore {
  /** UUIDs. */
  readonly store: string;
  readonly mesh: string;
  readonly name: string;
  /** What people call who deleted it; empty where it went with the membership of who had made it. */
  readonly deletedBy: string;
  /** What it takes of the disk. */
  readonly bytes: number;
  /** How long it is kept from `asOfMs` on; 0 where this node deletes it itself. */
  readonly leftMs: number;
  /** Unix milliseconds. */
  readonly asOfMs: number;
}

/**
 * Stores of one mesh that are off its list. What another member deleted is kept for a while: should the deletion stop
 * counting, since its author is revoked, the store is back with all that it held. What is deleted here is freed at once,
 * or after a crash on the next start.
 */
export class AsideStores {
  readonly #context: NodeContext;
  readonly #mesh: string;
  readonly #notes: Notes;
  readonly #histories: FreedHistories;
  readonly #aside = new Map<string, AsideStore>();
  /** Being deleted here just now, and perhaps still listed. */
  readonly #intended = new Set<string>();
  /** Known not to be on the disk, so that nobody looks again. */
  readonly #gone = new Set<string>();
  readonly #freedBytes = new Map<string, number>();
  #passedMaxMs = passedMaxMs.stopped;

  constructor(context: NodeContext, mesh: string) {
    this.#context = context;
    this.#mesh = mesh;
    this.#notes = new Notes(context.storage.meta, 'aside-stores');
    this.#histories = new FreedHistories(context);
    for (const [store, text] of this.#notes.all()) {
      const known = parseAside(store, text);
      if (known?.mesh === mesh) this.#aside.set(store, known);
    }
  }

  all(): readonly AsideStore[] {
    return [...this.#aside.values()];
  }

  /** This node is about to delete that store, and wants its data freed as soon as it is off the list. */
  intend(store: string, name: string): void {
    this.#intended.add(store);
    const asOfMs = this.#context.clock.nowMs();
    this.#put({ store, mesh: this.#mesh, name, deletedBy: '', bytes: 0, leftMs: 0, asOfMs });
  }

  /** The deletion came to its end, or to nothing. */
  settle(store: string): void {
    this.#intended.delete(store);
  }

  /** To be called for a store that is listed: what was said of it holds no more. */
  listed(store: string): void {
    this.#gone.delete(store);
    if (this.#intended.has(store) || !this.#aside.has(store)) return;
    this.#aside.delete(store);
    this.#notes.remove(store);
  }

  has(store: string): boolean {
    return this.#aside.has(store);
  }

  /** Whether it is yet to be found out what there is of a store that is off the list. */
  isUnclear(store: string): boolean {
    return !this.#gone.has(store) && !((this.#aside.get(store)?.bytes ?? 0) > 0);
  }

  /** There is nothing here of that store. */
  absent(store: string): void {
    this.#gone.add(store);
    if (this.#aside.delete(store)) this.#notes.remove(store);
  }

  /** Keeps what is here of a store that is off the list. Where that cannot be noted, it is from the next look on. */
  async put(store: string, name: string, deletedBy: string): Promise<void> {
    const { storage, clock } = this.#context;
    const { leftMs, asOfMs } = this.#aside.get(store) ?? { leftMs: keptMs, asOfMs: clock.nowMs() };
    // A file system may keep the smallest files in no blocks at all.
    const bytes = Math.max(1, await storage.storeBytes(store));
    this.#put({ store, mesh: this.#mesh, name, deletedBy, bytes, leftMs, asOfMs });
  }

  /** What it took of the disk before it was freed; 0 where it was not. */
  freedBytes(store: string): number {
    return this.#freedBytes.get(store) ?? 0;
  }

  /** Frees what is due. What cannot be freed now is tried again later. */
  async freeDue(): Promise<void> {
    const { logger } = this.#context;
    for (const one of this.#afterTimePassed()) {
      if (one.leftMs > 0 || one.bytes === 0) continue;
      try {
        await this.#histories.remember(one.store);
        await this.#context.storage.deleteStore(one.store);
      } catch (error) {
        if (!isNotFound(error)) {
          logger.log('error', 'the data of a deleted store could not be freed', { reason: String(error) });
          continue;
        }
      }
      logger.log('info', 'freed the data of a deleted store', { store: one.store, bytes: one.bytes });
      this.#freedBytes.set(one.store, one.bytes);
      this.absent(one.store);
    }
  }

  /** All, as they are now. */
  #afterTimePassed(): readonly AsideStore[] {
    const nowMs = this.#context.clock.nowMs();
    const maxMs = this.#passedMaxMs;
    this.#passedMaxMs = passedMaxMs.running;
    for (const one of this.all()) {
      const passedMs = Math.min(maxMs, Math.max(0, nowMs - one.asOfMs));
      const leftMs = Math.max(0, one.leftMs - passedMs);
      const isNews = leftMs === 0 || passedMs >= noteEveryMs || nowMs < one.asOfMs;
      if (one.leftMs > 0 && isNews) this.#tryToPut({ ...one, leftMs, asOfMs: nowMs });
    }
    return this.all();
  }

  /** A disk that has no room for it is the last reason not to free what is due. */
  #tryToPut(aside: AsideStore): void {
    try {
      this.#put(aside);
    } catch (error) {
      const reason = String(error);
      this.#context.logger.log('error', 'how long a deleted store is kept could not be noted', { reason });
    }
  }

  #put(aside: AsideStore): void {
    const { store, ...rest } = aside;
    this.#aside.set(store, aside);
    this.#notes.put(store, JSON.stringify(rest));
  }
}

/** What passes is written down so often: stores come and go more often than that. */
const noteEveryMs = asideCheckMs / 2;

/** What an operator should know of it. */
export function asideWarning({ name, deletedBy, bytes, leftMs, asOfMs }: AsideStore): string {
  const what = deletedBy
    ? `was deleted by "${deletedBy}"`
    : 'is off the list, since the membership of who made it was ended';
  const day = new Date(asOfMs + leftMs).toISOString().slice(0, 10);
  return `The store "${name}" ${what}: its data here (${sizeText(bytes)}) is freed on ${day}.`;
}

function isNotFound(error: unknown): boolean {
  return error instanceof LatticeError && error.code === 'store-not-found';
}

/** `undefined` for what cannot be read: then the time starts anew. */
function parseAside(store: string, text: string): AsideStore | undefined {
  try {
    const { mesh, name, deletedBy, bytes, leftMs, asOfMs } = JSON.parse(text) as Partial<AsideStore>;
    const isWhole =
      typeof mesh === 'string' &&
      typeof name === 'string' &&
      typeof deletedBy === 'string' &&
      typeof bytes === 'number' &&
      typeof leftMs === 'number' &&
      typeof asOfMs === 'number';
    return isWhole ? { store, mesh, name, deletedBy, bytes, leftMs, asOfMs } : undefined;
  } catch {
    return undefined;
  }
}
