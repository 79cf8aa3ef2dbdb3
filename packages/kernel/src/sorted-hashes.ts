import { blake3 } from '@lattice/crypto';
import { assert, compareBytes, type Hash } from '@lattice/model';

const hashBytes = 32;

/** A set of hashes, laid out in order as their digest is taken: a change costs a copy, not a sort of all. */
export class SortedHashes {
  #bytes: Uint8Array = new Uint8Array(0);

  /** `gone` are in the set, `come` are not; none is in both. */
  replace(gone: readonly Hash[], come: readonly Hash[]): void {
    const edits = [
      ...gone.map((hash) => ({ hash, front: front(hash), isNew: false })),
      ...come.map((hash) => ({ hash, front: front(hash), isNew: true })),
    ];
    edits.sort((a, b) => a.front - b.front || compareBytes(a.hash, b.hash));
    const before = this.#bytes;
    const after = new Uint8Array(before.length + hashBytes * (come.length - gone.length));
    let from = 0;
    let to = 0;
    const copyUpTo = (end: number): void => {
      after.set(before.subarray(from, end), to);
      to += end - from;
      from = end;
    };
    for (const { hash, isNew } of edits) {
      copyUpTo(this.#find(hash, from));
      if (isNew) {
        after.set(hash, to);
        to += hashBytes;
      } else {
        assert(compareBytes(before.subarray(from, from + hashBytes), hash) === 0, 'what goes was there');
        from += hashBytes;
      }
    }
    copyUpTo(before.length);
    this.#bytes = after;
  }

  /** See `digestOf`. */
  digest(): Hash {
    return blake3('tips', this.#bytes);
  }

  /** Where the first hash begins that is not less, at or behind a place. */
  #find(hash: Hash, from: number): number {
    let [low, high] = [from / hashBytes, this.#bytes.length / hashBytes];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = middle * hashBytes;
      if (compareBytes(this.#bytes.subarray(at, at + hashBytes), hash) < 0) low = middle + 1;
      else high = middle;
    }
    return low * hashBytes;
  }
}

/** Most hashes differ in their first bytes. */
function front(hash: Hash): number {
  let number = 0;
  for (let i = 0; i < 4; i++) number = number * 256 + (hash[i] ?? 0);
  return number;
}
