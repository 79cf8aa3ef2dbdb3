import { equalBytes } from './bytes.js';
import type { Hash } from './ids.js';

/**
 * A map from hashes, for paths where making a string of each would be what costs most. Keyed by four of a hash's bytes, and
 * compared in full within.
 */
export class HashMap<V> {
  readonly #buckets = new Map<number, { readonly hash: Hash; value: V }[]>();

  get(hash: Hash): V | undefined {
    return this.#find(hash)?.value;
  }

  has(hash: Hash): boolean {
    return this.#find(hash) !== undefined;
  }

  set(hash: Hash, value: V): void {
    const found = this.#find(hash);
    if (found) {
      found.value = value;
      return;
    }
    const key = fingerprint(hash);
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.push({ hash, value });
    else this.#buckets.set(key, [{ hash, value }]);
  }

  #find(hash: Hash): { readonly hash: Hash; value: V } | undefined {
    return this.#buckets.get(fingerprint(hash))?.find((item) => equalBytes(item.hash, hash));
  }
}

function fingerprint(hash: Hash): number {
  return (
    ((hash[0] as number) << 24) |
    ((hash[1] as number) << 16) |
    ((hash[2] as number) << 8) |
    (hash[3] as number)
  );
}
