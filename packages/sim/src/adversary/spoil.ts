import { type Bundle, concatBytes, type Signature } from '@lattice/model';
import type { SeededRandom } from '@lattice/testkit';
import type { Spoilt } from './assault.js';

/** What is wrong with a bundle, as far as it can be said of its fields. */
export function spoiltBundle(bundle: Bundle, how: Spoilt | undefined, chance: SeededRandom): Bundle {
  switch (how) {
    case 'signature': {
      const bad = chance.below(bundle.chains.length);
      return withChains(bundle, (chain, index) =>
        index === bad ? { ...chain, signature: flipped(chain.signature, chance) as Signature } : chain,
      );
    }
    case 'link':
      return withChains(bundle, (chain) => ({
        ...chain,
        firstPrev: flipped(chain.firstPrev, chance) as typeof chain.firstPrev,
      }));
    case 'twice': {
      const others = bundle.chains.length;
      return {
        chains: [...bundle.chains, ...bundle.chains],
        chainOf: [...bundle.chainOf, ...bundle.chainOf.map((chain) => chain + others)],
        entries: [...bundle.entries, ...bundle.entries],
        hashes: [...bundle.hashes, ...bundle.hashes],
      };
    }
    case 'order':
      return {
        chains: bundle.chains,
        chainOf: bundle.chainOf.toReversed(),
        entries: bundle.entries.toReversed(),
        hashes: bundle.hashes.toReversed(),
      };
    case 'overlong': {
      const times = Math.ceil(1_100 / bundle.entries.length);
      const repeated = <T>(all: readonly T[]) => Array.from({ length: times }, () => all).flat();
      return {
        chains: bundle.chains,
        chainOf: repeated(bundle.chainOf),
        entries: repeated(bundle.entries),
        hashes: repeated(bundle.hashes),
      };
    }
    case 'cut':
    case 'byte':
    case 'tail':
    case undefined:
      return bundle;
  }
}

/** And what can be said only of its bytes. */
export function spoiltBytes(bytes: Uint8Array, how: Spoilt | undefined, chance: SeededRandom): Uint8Array {
  if (how === 'cut') return bytes.slice(0, chance.below(bytes.length));
  if (how === 'byte') return flipped(bytes, chance);
  if (how === 'tail') return concatBytes(bytes, chance.bytes(1 + chance.below(8)));
  return bytes;
}

function withChains(
  bundle: Bundle,
  change: (chain: Bundle['chains'][number], index: number) => Bundle['chains'][number],
): Bundle {
  return { ...bundle, chains: bundle.chains.map(change) };
}

function flipped(bytes: Uint8Array, chance: SeededRandom): Uint8Array {
  const changed = bytes.slice();
  const at = chance.below(bytes.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << chance.below(8));
  return changed;
}
