import {
  assert,
  type Bundle,
  bundleBytesMax,
  bundleEntriesMax,
  type Entry,
  equalBytes,
  type Hash,
} from '@lattice/model';
import { canonicalEntryLength } from '@lattice/proto';

/** A chain of the bundle being packed, with what its next entry must continue. */
interface OpenChain {
  readonly author: Bundle['chains'][number]['author'];
  readonly firstSeq: number;
  readonly firstPrev: Hash;
  signature: Bundle['chains'][number]['signature'];
  lastHash: Hash;
}

/** Concatenates bundles into one within bounds: a chain that goes on needs its last signature only. */
export class BundlePacker {
  #chains: OpenChain[] = [];
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
      this.#bytes + bytesOf(bundle) <= bundleBytesMax
    );
  }

  /** The bundle's entries come after all that were added before, in causal order. */
  add(bundle: Bundle): void {
    const taken = new Set<number>();
    const numbers = bundle.chains.map((chain) => this.#chainFor(chain, taken));
    bundle.entries.forEach((entry, index) => {
      const hash = bundle.hashes[index];
      const number = numbers[bundle.chainOf[index] ?? -1];
      assert(hash && number !== undefined, "a bundle's arrays are in step");
      const chain = this.#chains[number];
      assert(chain, 'the chain was opened');
      chain.lastHash = hash;
      this.#chainOf.push(number);
      this.#entries.push(entry);
      this.#hashes.push(hash);
    });
    this.#bytes += bytesOf(bundle);
  }

  /** The bundle so far; the next one begins empty. */
  take(): Bundle {
    const chains = this.#chains.map(({ author, firstSeq, firstPrev, signature }) => ({
      author,
      firstSeq,
      firstPrev,
      signature,
    }));
    const bundle = { chains, chainOf: this.#chainOf, entries: this.#entries, hashes: this.#hashes };
    this.#chains = [];
    this.#chainOf = [];
    this.#entries = [];
    this.#hashes = [];
    this.#bytes = 0;
    return bundle;
  }

  /** The open chain that this one continues, if any; of two branches that continue the same one, only the first does. */
  #chainFor(chain: Bundle['chains'][number], taken: Set<number>): number {
    const continued = this.#chains.findIndex(
      (open, number) =>
        !taken.has(number) &&
        equalBytes(open.lastHash, chain.firstPrev) &&
        equalBytes(open.author, chain.author),
    );
    const open = this.#chains[continued];
    const number = open ? continued : this.#chains.push({ ...chain, lastHash: chain.firstPrev }) - 1;
    if (open) open.signature = chain.signature;
    taken.add(number);
    return number;
  }
}

function bytesOf(bundle: Bundle): number {
  return bundle.entries.reduce((sum, entry) => sum + canonicalEntryLength(entry), 0);
}
