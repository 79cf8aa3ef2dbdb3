import type { SeededRandom } from '@lattice/testkit';
import type { Forgery } from '../adversary/assault.js';
import { between, percent } from '../core/chance.js';
import type { Step } from '../world/step.js';
import type { Plot } from './plot.js';
import { Strand } from './strand.js';

const odds = { storiesPercent: 30, nowPercent: 6 };
const partiesMax = 4;
/** After so long apart, nobody waits for anybody any more. */
const apartMs = 40_000;

/**
 * Some who revoke each other while they are apart, and are not told so in the order in which it counts, once in a story. By chance alone that
 * hardly happens.
 */
export class Quarrel extends Strand {
  #isOver = false;

  constructor(random: SeededRandom, plot: Plot) {
    super(random, plot, odds);
  }

  protected override mayHappen(): boolean {
    return !this.#isOver && this.#others().length >= 2;
  }

  protected happen(): readonly Step[] {
    this.#isOver = true;
    const parties = this.#others();
    while (parties.length > partiesMax) parties.splice(this.random.below(parties.length), 1);
    const all = this.plot.names;
    const first = this.random.below(parties.length - 1);
    const [senior = '', junior = ''] = parties.slice(first);
    return [
      { do: 'heal' },
      ...all.map((node) => this.plot.up(node)),
      { do: 'pass', ms: 20_000 },
      ...(percent(this.random, 60) ? this.#counterfeit(junior) : []),
      { do: 'partition', groups: all.map((node) => [node]) },
      { do: 'pass', ms: apartMs },
      ...this.#revocations(parties, [senior, junior]),
      { do: 'heal' },
    ];
  }

  /** Those who were let in. */
  #others(): string[] {
    return [...new Set(this.plot.members.slice(1))];
  }

  /** Two revoke each other, in either order, and perhaps others somebody, too. */
  #revocations(parties: readonly string[], two: readonly [string, string]): readonly Step[] {
    const [node, whom] = percent(this.random, 50) ? two : two.toReversed();
    const more = Array.from({ length: between(this.random, 0, 2) }, () => [
      this.random.pick(parties),
      this.random.pick(parties),
    ]);
    return [[node, whom], [whom, node], ...more].flatMap(([by = '', of = '']): readonly Step[] => [
      { do: 'revoke', node: by, whom: of },
      { do: 'pass', ms: between(this.random, 10, 8_000) },
    ]);
  }

  /** An admission as if from the first days: in an entry that does not count, which one that counts has in its past. */
  #counterfeit(whom: string): readonly Step[] {
    const [by, node] = ['counterfeiter', this.random.pick(this.plot.members)];
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
    const to = this.random.pick(this.plot.names.filter((name) => name !== node));
    return [
      this.plot.off(node),
      { do: 'steal', node, as: by },
      old,
      young,
      ...['old', 'young'].map((batch): Step => ({ do: 'hand', by, batch, to, how: 'push' })),
      { do: 'pass', ms: 10_000 },
      this.plot.up(node),
      { do: 'pass', ms: 20_000 },
    ];
  }
}
