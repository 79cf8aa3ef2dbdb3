import type { IdKey } from '@lattice/model';
import type { Announcement, BroadcastId } from './messages.js';

/** How many announced broadcasts are waited for, in all and by announcer: a sync brings what is beyond. */
const missingMax = 2_048;
const perAnnouncerMax = 512;
/** How many that announced the same are remembered: more are not asked. */
const sourcesMax = 4;

interface Source {
  readonly peer: IdKey;
  readonly round: number;
}

interface Missing {
  readonly sources: Source[];
  /** Who was asked last. */
  asked: IdKey | undefined;
  dueMs: number;
}

/** Broadcasts that were announced and have not come, and who has them. */
export class MissingBroadcasts {
  readonly #missing = new Map<BroadcastId, Missing>();
  readonly #byAnnouncer = new Map<IdKey, number>();
  #nextDueMs = Infinity;

  /** Nothing is due before that. */
  get nextDueMs(): number {
    return this.#nextDueMs;
  }

  announced(peer: IdKey, { id, round }: Announcement, dueMs: number): void {
    const missing = this.#missing.get(id);
    const count = this.#byAnnouncer.get(peer) ?? 0;
    if (count >= perAnnouncerMax) return;
    if (missing) {
      if (missing.sources.length >= sourcesMax || missing.sources.some((one) => one.peer === peer)) return;
      missing.sources.push({ peer, round });
    } else {
      if (this.#missing.size >= missingMax) return;
      this.#missing.set(id, { sources: [{ peer, round }], asked: undefined, dueMs });
      this.#nextDueMs = Math.min(this.#nextDueMs, dueMs);
    }
    this.#byAnnouncer.set(peer, count + 1);
  }

  /** It has come: who announced it, over how many links, as far as they were not asked for it. */
  arrived(id: BroadcastId): readonly Source[] {
    const sources = this.#missing.get(id)?.sources ?? [];
    this.#missing.delete(id);
    for (const { peer } of sources) this.#uncount(peer);
    return sources;
  }

  /** The ones that should have come by now; each is to be asked for. */
  due(nowMs: number): readonly BroadcastId[] {
    const due: BroadcastId[] = [];
    this.#nextDueMs = Infinity;
    for (const [id, { dueMs }] of this.#missing) {
      if (dueMs <= nowMs) due.push(id);
      else this.#nextDueMs = Math.min(this.#nextDueMs, dueMs);
    }
    return due;
  }

  /** Whom to ask for it next; when all were, it is waited for no more, and the last one asked is told. */
  askNext(id: BroadcastId, dueMs: number): { readonly ask?: IdKey; readonly gaveUpOn?: IdKey } {
    const missing = this.#missing.get(id);
    const source = missing?.sources.shift();
    if (!missing || !source) {
      this.#missing.delete(id);
      return missing?.asked === undefined ? {} : { gaveUpOn: missing.asked };
    }
    this.#uncount(source.peer);
    missing.asked = source.peer;
    missing.dueMs = dueMs;
    this.#nextDueMs = Math.min(this.#nextDueMs, dueMs);
    return { ask: source.peer };
  }

  lost(peer: IdKey): void {
    for (const { sources } of this.#missing.values()) {
      const at = sources.findIndex((one) => one.peer === peer);
      if (at >= 0) sources.splice(at, 1);
    }
    this.#byAnnouncer.delete(peer);
  }

  #uncount(peer: IdKey): void {
    const left = (this.#byAnnouncer.get(peer) ?? 0) - 1;
    if (left > 0) this.#byAnnouncer.set(peer, left);
    else this.#byAnnouncer.delete(peer);
  }
}
