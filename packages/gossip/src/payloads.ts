import type { StoreId } from '@lattice/model';
import type { BroadcastId } from './messages.js';

/** For how long, and for how many bytes, what was spread can be had by whoever missed it; a sync brings what is older. */
const keptMs = 60_000;
const bytesMax = 8 * 1024 * 1024;

export interface Payload {
  readonly store: StoreId;
  readonly bundle: Uint8Array;
}

/** The bundles of the last while, for those who graft. */
export class Payloads {
  readonly #kept = new Map<BroadcastId, Payload & { readonly untilMs: number }>();
  #bytes = 0;

  get(id: BroadcastId): Payload | undefined {
    return this.#kept.get(id);
  }

  add(id: BroadcastId, { store, bundle }: Payload, nowMs: number): void {
    if (this.#kept.has(id)) return;
    this.#kept.set(id, { store, bundle, untilMs: nowMs + keptMs });
    this.#bytes += bundle.length;
    for (const [oldest, kept] of this.#kept) {
      if (kept.untilMs > nowMs && this.#bytes <= bytesMax) break;
      this.#kept.delete(oldest);
      this.#bytes -= kept.bundle.length;
    }
  }
}
