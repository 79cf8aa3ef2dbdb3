import type { SeededRandom } from '@lattice/testkit';
import { type Forgery, nuisances, type Saying, spoils } from '../adversary/assault.js';
import { between, percent } from '../core/chance.js';
import type { Step } from '../world/step.js';
import type { Plot } from './plot.js';
import { Strand } from './strand.js';

/** Few, so that the mesh has more to do than to look at what they made. */
const thievesMax = 3;
const odds = { storiesPercent: 60, nowPercent: 20 };

/** Somebody who has a key, and what was made with it. */
interface Thief {
  readonly name: string;
  readonly node: string;
  readonly batches: string[];
}

/** What is done with stolen keys. Nodes are stopped so that a thief takes their place: all else is as it would be without. */
export class Villainy extends Strand {
  readonly #thieves: Thief[] = [];
  #serial = 0;

  constructor(random: SeededRandom, plot: Plot) {
    super(random, plot, odds);
  }

  protected happen(): readonly Step[] {
    const isNew = this.#thieves.length === 0 || percent(this.random, 8);
    if (isNew && this.#thieves.length < thievesMax) return this.#theft();
    const thief = this.random.pick(this.#thieves);
    const dice = this.random.below(100);
    if (dice < 50) return [...this.#forgery(thief), this.#handing(thief)];
    if (dice < 70) return this.#equivocation(thief);
    if (dice < 85 && thief.batches.length > 0) return [this.#handing(thief, this.random.pick(thief.batches))];
    return [{ do: 'pester', by: thief.name, to: this.#other(thief), how: this.random.pick(nuisances) }];
  }

  /** Of one who goes on, of one who is gone for a while, or of somebody who never was a member. */
  #theft(): readonly Step[] {
    const { names, members } = this.plot;
    const node = this.random.pick(percent(this.random, 80) ? members : names);
    const as = `thief${++this.#serial}`;
    this.#thieves.push({ name: as, node, batches: [] });
    const stolen: Step = { do: 'steal', node, as };
    return percent(this.random, 50) ? [this.plot.off(node), stolen] : [stolen];
  }

  /** Two branches, one for each of two. */
  #equivocation(thief: Thief): readonly Step[] {
    const from = this.random.pick(['tip', 'middle', 'root'] as const);
    const store = this.#anyStore();
    return [...this.#forgery(thief, { from, store }), this.#handing(thief)].concat([
      ...this.#forgery(thief, { from, store }),
      this.#handing(thief),
    ]);
  }

  #forgery({ name: by, node, batches }: Thief, given: Partial<Forgery> = {}): readonly Step[] {
    const { random } = this;
    const batch = `b${++this.#serial}`;
    batches.push(batch);
    const { store = this.#anyStore() } = given;
    const isBomb = percent(random, 5);
    const step: Forgery = {
      do: 'forge',
      by,
      batch,
      store,
      ...(percent(random, 20) && { inTheNameOf: random.pick(this.plot.members) }),
      from: this.#mostly('tip', ['middle', 'root', 'nowhere', 'elsewhere']),
      branches: isBomb ? between(random, 20, 60) : this.#mostly(1, [2, 4]),
      entries: isBomb ? 1 : this.#mostly(2, [1, 3, 9]),
      dated: this.#mostly('now', ['ahead', 'held', 'far', 'back', 'zero', 'limit']),
      names: this.#mostly('heads', ['nothing', 'some', 'fabricated', 'mismatched', 'many', 'tooMany']),
      says: store === 'mesh' ? this.#meshSaying() : { kind: this.#mostly('puts', sayings) },
      ...given,
    };
    // So that it knows what there is to name.
    return percent(random, 60) ? [{ do: 'steal', node, as: by }, step] : [step];
  }

  #meshSaying(): Saying {
    const { random } = this;
    const whom = this.#anyName();
    const upTo = random.pick(['tips', 'middle', 'nothing', 'fabricated'] as const);
    const proof = random.pick(['right', 'wrong', 'shared'] as const);
    return random.pick<Saying>([
      { kind: 'revoke', whom, upTo },
      { kind: 'admit', whom, proof },
      { kind: 'names' },
      { kind: random.pick(['nothing', 'junk', 'newer'] as const) },
    ]);
  }

  #handing(thief: Thief, batch = thief.batches.at(-1) ?? ''): Step {
    const { random } = this;
    return {
      do: 'hand',
      by: thief.name,
      batch,
      to: this.#other(thief),
      how: this.#mostly('push', ['sync', 'handover']),
      ...(percent(random, 10) && { withheld: between(random, 1, 2) }),
      ...(percent(random, 10) && { reversed: true }),
      ...(percent(random, 30) && { singly: true }),
      ...(percent(random, 20) && { spoilt: this.#mostly('signature', spoils) }),
    };
  }

  /** What is odd in too many ways at once is refused for one of them. */
  #mostly<T>(usual: T, odd: readonly T[]): T {
    return percent(this.random, 25) ? this.random.pick(odd) : usual;
  }

  /** Nobody dials itself. */
  #other({ node }: Thief): string {
    return this.random.pick(this.plot.names.filter((name) => name !== node));
  }

  #anyName(): string {
    return this.random.pick(this.plot.names);
  }

  #anyStore(): string {
    return percent(this.random, 35) ? 'mesh' : this.random.pick(this.plot.stores).name;
  }
}

const sayings = ['appends', 'nothing', 'junk', 'newer', 'bulk', 'tooLong'] as const;
