import { blake3 } from '@lattice/crypto';
import {
  eachInSteps,
  type EntryRef,
  type Hash,
  hlcToMs,
  mapInSteps,
  sorting,
  type Steps,
  toHex,
} from '@lattice/model';
import { compareItems, type Item, ItemSet } from '@lattice/negentropy';
import type { SyncStore } from './session-types.js';

export const nonceBytes = 16;
/** Should two tips have one short id all the same, the digest of the union tells. */
export const shortIdBytes = 8;

/**
 * Tips under the names that one session gives them: keyed BLAKE3 over a fresh nonce and the hash, so that nobody can prepare
 * hashes whose names collide, or add up to what others add up to.
 */
export class KeyedTips {
  /** By short id, in hexadecimal. */
  readonly byShortId: ReadonlyMap<string, EntryRef>;
  readonly #tips: readonly EntryRef[];
  readonly #ids: readonly Hash[];

  static *of(nonce: Uint8Array, tips: readonly EntryRef[]): Steps<KeyedTips> {
    const byShortId = new Map<string, EntryRef>();
    const ids = yield* mapInSteps(tips, (tip) => {
      const id = blake3('short-id', nonce, tip.hash);
      byShortId.set(shortIdKey(id), tip);
      return id;
    });
    return new KeyedTips(tips, ids, byShortId);
  }

  private constructor(
    tips: readonly EntryRef[],
    ids: readonly Hash[],
    byShortId: ReadonlyMap<string, EntryRef>,
  ) {
    this.#tips = tips;
    this.#ids = ids;
    this.byShortId = byShortId;
  }

  /** The first bytes of all ids. */
  shortIds(): Steps<Uint8Array> {
    return shortIdsOf(this.#ids);
  }

  *items(timeOf: SyncStore['timeOf']): Steps<ItemSet> {
    const items = yield* mapInSteps(this.#ids, (id, i): Item => {
      const timestamp = BigInt(hlcToMs(timeOf(this.#tips[i] as EntryRef)));
      return { timestamp, id };
    });
    return yield* ItemSet.ofSorted(yield* sorting(items, compareItems));
  }
}

/** The first bytes of ids, one after the other. */
export function* shortIdsOf(ids: readonly Uint8Array[]): Steps<Uint8Array> {
  const whole = new Uint8Array(ids.length * shortIdBytes);
  yield* eachInSteps(ids, (id, index) => whole.set(id.subarray(0, shortIdBytes), index * shortIdBytes));
  return whole;
}

/** In hexadecimal, for sets and maps. */
export function splitShortIds(bytes: Uint8Array): readonly string[] {
  const ids: string[] = [];
  for (let at = 0; at < bytes.length; at += shortIdBytes) ids.push(shortIdKey(bytes.subarray(at)));
  return ids;
}

export function shortIdKey(id: Uint8Array): string {
  return toHex(id.subarray(0, shortIdBytes));
}
