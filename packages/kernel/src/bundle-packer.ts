import { assert, type Bundle, bundleBytesMax, bundleEntriesMax, type Entry, type Hash } from '@lattice/model';
import { OpenChains } from '@lattice/proto';
import { canonicalBytesOf, endsOf } from './bundle-ends.js';

/** Concatenates bundles into one within bounds: a chain that goes on needs its last signature only. */
export class BundlePacker {
  #chains = new OpenChains();
  #chainOf: number[] = [];
  #entries: Entry[] = [];
  #hashes: Hash[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  fits(bundle: Bundle): boolean {
    if (this.isEmpty) return true;
    return (
      this.#entries.length + bundle.entries.length <= bundleEntriesMax &&
      this.#bytes + canonicalBytesOf(bundle) <= bundleBytesMax
    );
  }

  /** The bundle's entries come after all that were added before, in causal order. */
  add(bundle: Bundle): void {
    const lastHashes = endsOf(bundle).map(({ hash }) => hash);
    const numbers = this.#chains.add(bundle.chains, lastHashes);
    for (const chain of bundle.chainOf) {
      const number = numbers[chain];
      assert(number !== undefined, 'a bundle has the chains of its entries');
      this.#chainOf.push(number);
    }
    this.#entries.push(...bundle.entries);
    this.#hashes.push(...bundle.hashes);
    this.#bytes += canonicalBytesOf(bundle);
  }

  /** The bundle so far; the next one begins empty. */
  take(): Bundle {
    const bundle = {
      chains: this.#chains.chains(),
      chainOf: this.#chainOf,
      entries: this.#entries,
      hashes: this.#hashes,
    };
    this.#chains = new OpenChains();
    this.#chainOf = [];
    this.#entries = [];
    this.#hashes = [];
    this.#bytes = 0;
    return bundle;
  }
}
