import { type Hash, idKey } from '@lattice/model';

/**
 * Remembers which admissions carry a valid proof, so that a signature is checked once and not at every evaluation. An
 * entry's hash fixes the proof, the node, the invite and so its key: a verdict never changes.
 */
export class ProofCache {
  readonly #verdicts = new Map<string, boolean>();

  get size(): number {
    return this.#verdicts.size;
  }

  /** The verdict on the `op`-th operation of an entry; asks `verify` the first time. */
  verdict(entry: Hash, op: number, verify: () => boolean): boolean {
    const key = `${idKey(entry)}/${op}`;
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = verify();
    this.#verdicts.set(key, verdict);
    return verdict;
  }
}
