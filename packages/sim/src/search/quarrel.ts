import type { SeededRandom } from '@lattice/testkit';
import type { Forgery } from '../adversary/assault.js';
import { between, percent } from '../core/chance.js';
import type { Step } from '../world/step.js';
import type { Plot } from './plot.js';

/** Of all stories, so many have one. */
const storiesPercent = 30;
/** At each thing that happens, until it has come to it. */
const nowPercent = 6;
const partiesMax = 4;
/** After so long apart, nobody waits for anybody any more. */
const apartMs = 40_000;

/**
 * Some who revoke each other while they are apart, and are not told so in the order in which it counts. By chance alone that hardly
 * happens. It has a chance of its own, so that what else happens in a story is as it would be without.
 */
export class Quarrel {
  readonly #random: SeededRandom;
  readonly #plot: Plot;
  #isOver: boolean;

  constructor(random: SeededRandom, plot: Plot) {
    this.#random = random;
    this.#plot = plot;
    this.#isOver = !percent(random, storiesPercent);
  }

  next(): readonly Step[] {
    const [, ...others] = this.#plot.members;
    const parties = [...new Set(others)];
    if (this.#isOver || parties.length < 2 || !percent(this.#random, nowPercent)) return [];
    this.#isOver = true;
    while (parties.length > partiesMax) parties.splice(this.#random.below(parties.length), 1);
    const all = this.#plot.names;
    const first = this.#random.below(parties.length - 1);
    const [senior = '', junior = ''] = parties.slice(first);
    return [
      { do: 'heal' },
      ...all.map((node) => this.#plot.up(node)),
      { do: 'pass', ms: 20_000 },
      ...(percent(this.#random, 60) ? this.#counterfeit(junior) : []),
      { do: 'partition', groups: all.map((node) => [node]) },
      { do: 'pass', ms: apartMs },
      ...this.#revocations(parties, [senior, junior]),
      { do: 'heal' },
    ];
  }

  /** Two revoke each other, in either order, and perhaps others somebody, too. */
  #revocations(parties: readonly string[], two: readonly [string, string]): readonly Step[] {
    const [node, whom] = percent(this.#random, 50) ? two : two.toReversed();
    const more = Array.from({ length: between(this.#random, 0, 2) }, () => [
      this.#random.pick(parties),
      this.#random.pick(parties),
    ]);
    return [[node, whom], [whom, node], ...more].flatMap(([by = '', of = '']): readonly Step[] => [
      { do: 'revoke', node: by, whom: of },
      { do: 'pass', ms: between(this.#random, 10, 8_000) },
    ]);
  }

  /** An admission as if from the first days: in an entry that does not count, which one that counts has in its past. */
  #counterfeit(whom: string): readonly Step[] {
    const [by, node] = ['counterfeiter', this.#random.pick(this.#plot.members)];
    const common = { do: 'forge', by, store: 'mesh', branches: 1 } as const;
    const old: Forgery = {
      ...common,
      batch: 'old',
      from: 'root',
      entries: 2,
      dated: 'zero',
      names: 'nothing',
      says: { kind: 'admit', whom, proof: 'right' },
    };
    const young: Forgery = {
      ...common,
      batch: 'young',
      from: 'last',
      entries: 1,
      dated: 'now',
      names: 'heads',
      says: { kind: 'nothing' },
    };
    const to = this.#random.pick(this.#plot.names.filter((name) => name !== node));
    return [
      this.#plot.off(node),
      { do: 'steal', node, as: by },
      old,
      young,
      ...['old', 'young'].map((batch): Step => ({ do: 'hand', by, batch, to, how: 'push' })),
      { do: 'pass', ms: 10_000 },
      this.#plot.up(node),
      { do: 'pass', ms: 20_000 },
    ];
  }
}
