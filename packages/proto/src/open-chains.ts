import { assert, type BundleChain, equalBytes, type Hash } from '@lattice/model';

/** The chains of a bundle being put together from others: one that goes on needs its last signature only. */
export class OpenChains {
  readonly #open: OpenChain[] = [];

  chains(): readonly BundleChain[] {
    return this.#open.map(({ chain }) => chain);
  }

  /** Adds the chains of one more bundle, given the hash of the last entry of each. Returns their numbers here. */
  add(chains: readonly BundleChain[], lastHashes: readonly Hash[]): readonly number[] {
    const taken = new Set<number>();
    return chains.map((chain, i) => {
      const lastHash = lastHashes[i];
      assert(lastHash, 'each chain has a last entry');
      const number = this.#numberFor(chain, taken);
      const { author, firstSeq, firstPrev } = this.#open[number]?.chain ?? chain;
      this.#open[number] = { chain: { author, firstSeq, firstPrev, signature: chain.signature }, lastHash };
      taken.add(number);
      return number;
    });
  }

  /** Of the chain that this one continues, if any; of two branches that continue the same one, only the first does. */
  #numberFor({ author, firstPrev }: BundleChain, taken: ReadonlySet<number>): number {
    const continued = this.#open.findIndex(
      ({ chain, lastHash }, number) =>
        !taken.has(number) && equalBytes(lastHash, firstPrev) && equalBytes(chain.author, author),
    );
    return continued === -1 ? this.#open.length : continued;
  }
}

interface OpenChain {
  readonly chain: BundleChain;
  /** What its next entry must continue. */
  readonly lastHash: Hash;
}
