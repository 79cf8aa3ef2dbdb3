import { blake3 } from '@lattice/crypto';
import { type EntryRef, type Hash, hlcToMs, toHex } from '@lattice/model';
import { ItemSet } from '@lattice/negentropy';
import type { SyncStore } from './session-types.js';

export const nonceBytes = 16;
/** Should two tips have one short id all the same, the digest of the union tells. */
export const shortIdBytes = 8;

/**
 * Tips under the names that one session gives them: keyed BLAKE3 over a fresh nonce and the hash, so that nobody can prepare
 * hashes whose names collide, or add up to what others add up to.
 */
export class KeyedTips {
  readonly #tips: readonly EntryRef[];
  readonly #ids: readonly Hash[];
  #byShortId: ReadonlyMap<string, EntryRef> | undefined;

  constructor(nonce: Uint8Array, tips: readonly EntryRef[]) {
    this.#tips = tips;
    this.#ids = tips.map(({ hash }) => blake3('short-id', nonce, hash));
  }

  /** The first bytes of all ids. */
  shortIds(): Uint8Array {
    return shortIdsOf(this.#ids);
  }

  /** By short id, in hexadecimal. */
  get byShortId(): ReadonlyMap<string, EntryRef> {
    this.#byShortId ??= new Map(this.#ids.map((id, i) => [shortIdKey(id), this.#tips[i] as EntryRef]));
    return this.#byShortId;
  }

  items(timeOf: SyncStore['timeOf']): ItemSet {
    const items = this.#ids.map((id, i) => {
      const timestamp = BigInt(hlcToMs(timeOf(this.#tips[i] as EntryRef)));
      return { timestamp, id };
    });
    return ItemSet.of(items);
  }
}

/** The first bytes of ids, one after the other. */
export function shortIdsOf(ids: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(ids.length * shortIdBytes);
  ids.forEach((id, index) => whole.set(id.subarray(0, shortIdBytes), index * shortIdBytes));
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
