import { blake3 } from '@lattice/crypto';
import { fromHex, type NodeId, type Timers, toHex } from '@lattice/model';
import type { Announcement } from './service-records.js';

const tagBytes = 16;
/** How many instances are remembered, known and unknown ones: more than that on one link is an attack. */
const rememberedMax = 4_096;
/** Tags computed in a second, at most: some 3 us each. */
const tagsPerSecondMax = 20_000;

type Sighting = Pick<Announcement, 'instance' | 'tag'>;

/**
 * What a node puts into an announcement so that who knows its id recognises it, and nobody else: it differs for every
 * instance, which is drawn at random.
 */
export function announcementTag(instance: string, node: NodeId): string {
  return toHex(blake3('lan-tag', fromHex(instance), node).subarray(0, tagBytes));
}

/** Finds out which of the known peers an announcement is of. What strangers make it compute and remember is bounded. */
export class Recognition {
  readonly #timers: Timers;
  readonly #seen = new Map<string, NodeId | undefined>();
  #secondBegan = Number.NEGATIVE_INFINITY;
  #computed = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  recognise({ instance, tag }: Sighting, peers: () => readonly NodeId[]): NodeId | undefined {
    const key = instance + tag;
    if (this.#seen.has(key)) return this.#seen.get(key);
    const candidates = peers();
    if (!this.#mayCompute(candidates.length)) return undefined;
    const found = candidates.find((peer) => announcementTag(instance, peer) === tag);
    if (this.#seen.size >= rememberedMax) this.#forgetOldest();
    this.#seen.set(key, found);
    return found;
  }

  /** Whom it did not know it may know now. */
  forgetStrangers(): void {
    for (const [key, peer] of this.#seen) if (peer === undefined) this.#seen.delete(key);
  }

  #mayCompute(tags: number): boolean {
    const now = this.#timers.monotonicMs();
    if (now - this.#secondBegan >= 1_000) {
      this.#secondBegan = now;
      this.#computed = 0;
    }
    // A mesh may be larger than what one second allows.
    if (this.#computed > 0 && this.#computed + tags > tagsPerSecondMax) return false;
    this.#computed += tags;
    return true;
  }

  #forgetOldest(): void {
    const [oldest] = this.#seen.keys();
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}
