import { equalBytes } from './bytes.js';
import type { Hash, NodeId } from './ids.js';

/**
 * A map from hashes or node ids, for paths where making a string of each would be what costs most. Keyed by four of its
 * bytes, and compared in full within.
 */
export class HashMap<V> {
  readonly #buckets = new Map<number, Item<V>[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(hash: Hash | NodeId): V | undefined {
    return this.#find(hash)?.value;
  }

  has(hash: Hash | NodeId): boolean {
    return this.#find(hash) !== undefined;
  }

  set(hash: Hash | NodeId, value: V): void {
    const found = this.#find(hash);
    if (found) {
      found.value = value;
      return;
    }
    this.#size++;
    const key = fingerprint(hash);
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.push({ hash, value });
    else this.#buckets.set(key, [{ hash, value }]);
  }

  #find(hash: Hash | NodeId): Item<V> | undefined {
    const bucket = this.#buckets.get(fingerprint(hash));
    if (bucket) for (const item of bucket) if (equalBytes(item.hash, hash)) return item;
    return undefined;
  }
}

interface Item<V> {
  readonly hash: Hash | NodeId;
  value: V;
}

function fingerprint(hash: Hash | NodeId): number {
  return (
    ((hash[0] as number) << 24) |
    ((hash[1] as number) << 16) |
    ((hash[2] as number) << 8) |
    (hash[3] as number)
  );
}
