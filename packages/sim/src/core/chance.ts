import { utf8 } from '@lattice/model';
import { SeededRandom } from '@lattice/testkit';

/**
 * All chance of a run, from one seed. Each purpose has a stream of its own, named: what one of them draws changes nothing for
 * the others, so that a story from which steps were left out goes on much as it did.
 */
export class Chance {
  readonly #streams = new Map<string, SeededRandom>();

  constructor(readonly seed: number) {}

  stream(name: string): SeededRandom {
    const known = this.#streams.get(name);
    if (known) return known;
    const stream = new SeededRandom(mixed(this.seed, name));
    this.#streams.set(name, stream);
    return stream;
  }
}

/** Whether something happens that does so in that many of a hundred cases. */
export function percent(random: SeededRandom, chance: number): boolean {
  return random.below(10_000) < chance * 100;
}

/** A whole number from `least` to `most`. */
export function between(random: SeededRandom, least: number, most: number): number {
  return least + random.below(most - least + 1);
}

/** FNV-1a over the seed and the name. */
function mixed(seed: number, name: string): number {
  let hash = 0x811c_9dc5;
  for (const byte of utf8(`${seed}/${name}`)) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return hash;
}
