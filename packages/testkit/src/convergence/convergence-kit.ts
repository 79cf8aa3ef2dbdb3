import type { Replica } from '@lattice/kernel';
import { concatBytes, type StateMachine } from '@lattice/model';
import fc from 'fast-check';
import { checkAgainstHistory, describeReplica, same } from './checks.js';
import { deliver, offerInVain } from './delivery.js';
import { Dice } from './dice.js';
import type { History } from './history.js';
import { type HistoryOperation, operationsOf } from './operations.js';
import { type HistoryScript, historyScripts, playHistory } from './random-history.js';
import { type Ending, hastyTimers, ReplicaRig } from './replica-rig.js';
import { VirtualTime } from '../time/virtual-time.js';

export interface ConvergenceOptions<Op> {
  readonly machine: StateMachine<Op>;
  /** Operations that often concern the same thing: few different keys, so that writes meet. */
  readonly operation: fc.Arbitrary<Op>;
  /** As the machine's handle encodes one write. Those of several writes are put one after the other in one entry. */
  readonly encode: (operations: readonly Op[]) => Uint8Array;
  /** What a user can see of the state, in plain values: aliases, which differ between nodes, must be resolved. */
  readonly view: (replica: Replica) => unknown;
  /** What `view` must be, from all that was done, in the one order that all nodes agree on. */
  readonly expected?: (operations: readonly HistoryOperation<Op>[]) => unknown;
}

export interface ConvergenceCase {
  readonly name: string;
  /** Rejects when a run fails, with the seed and path to repeat it. The parameters are fast-check's. */
  readonly run: (parameters?: ConvergenceParameters) => Promise<void>;
}

export type ConvergenceParameters = Pick<fc.Parameters, 'numRuns' | 'seed' | 'path' | 'endOnFailure'>;

/**
 * Puts a state machine to the test that it promises to pass: whatever happened, by whomever, and in whatever order and
 * bundles it arrived, the state is the same. Histories have several authors, concurrent branches, forks, odd clocks,
 * payloads that are garbage or of a newer version; they are made of real bundles, which real replicas in memory take in.
 *
 * @example
 * for (const { name, run } of convergenceKit({ machine, operation, encode, view })) test(name, () => run());
 */
export function convergenceKit<Op>(options: ConvergenceOptions<Op>): readonly ConvergenceCase[] {
  const kit = new Kit(options);
  const dice = fc.integer({ min: 0, max: 0xffff_ffff });
  return [
    {
      name: 'operations of several writes that share a payload are all read back',
      run: (parameters) =>
        check(fc.array(fc.array(options.operation)), (writes) => kit.payloadsAreJoined(writes), parameters),
    },
    {
      name: 'any order in any bundles gives the same state, digest, causality and times',
      run: (parameters) =>
        check(
          fc.tuple(kit.scripts, fc.array(dice, { minLength: 2, maxLength: 3 })),
          ([script, seeds]) => kit.convergesInAnyOrder(script, seeds),
          parameters,
        ),
    },
    {
      name: 'a replica that is closed, killed or loses its state, at any moment, arrives at the same state',
      run: (parameters) =>
        check(fc.tuple(kit.scripts, dice), ([script, seed]) => kit.survivesEndings(script, seed), parameters),
    },
    {
      name: 'what is refused, known or waits changes nothing',
      run: (parameters) =>
        check(fc.tuple(kit.scripts, dice), ([script, seed]) => kit.isUnmoved(script, seed), parameters),
    },
  ];
}

class Kit<Op> {
  readonly scripts: fc.Arbitrary<HistoryScript<Op>>;
  readonly #options: ConvergenceOptions<Op>;

  constructor(options: ConvergenceOptions<Op>) {
    this.#options = options;
    this.scripts = historyScripts(this.#historyOptions);
  }

  async payloadsAreJoined(writes: readonly (readonly Op[])[]): Promise<void> {
    const { machine, encode } = this.#options;
    const decoded = machine.decode(concatBytes(...writes.map(encode)));
    // Cloned, since what an arbitrary makes may lack a prototype.
    same(structuredClone(decoded), structuredClone(writes.flat()), 'operations read back');
  }

  async convergesInAnyOrder(script: HistoryScript<Op>, seeds: readonly number[]): Promise<void> {
    const history = this.#play(script);
    let first: unknown;
    for (const seed of seeds) {
      const dice = new Dice(seed);
      await using rig = await this.#open(history, dice);
      await deliver(rig, history, dice);
      checkAgainstHistory(rig.replica, history);
      this.#checkExpected(history, rig.replica);
      await rig.replica.settled();
      first ??= this.#describe(rig);
      same(this.#describe(rig), first, 'what two replicas have to agree on');
    }
  }

  async survivesEndings(script: HistoryScript<Op>, seed: number): Promise<void> {
    const history = this.#play(script);
    const dice = new Dice(seed);
    await using rig = await this.#open(history, dice);
    let earlier = rig.keepState();
    await deliver(rig, history, dice, async () => {
      if (dice.oneIn(4)) earlier = rig.keepState();
      if (dice.oneIn(3)) await this.#endAndOpen(rig, dice, earlier);
    });
    checkAgainstHistory(rig.replica, history);
    this.#checkExpected(history, rig.replica);
    await rig.replica.settled();
    const settled = this.#describe(rig);
    for (const ending of ['closed', 'killed', 'state-lost', 'state-behind'] as const) {
      await rig.reopen(ending === 'state-behind' ? earlier : ending);
      await rig.replica.settled();
      same(this.#describe(rig), settled, `after it was opened again (${ending})`);
    }
    checkAgainstHistory(rig.replica, history);
  }

  async isUnmoved(script: HistoryScript<Op>, seed: number): Promise<void> {
    const history = this.#play(script);
    const dice = new Dice(seed);
    await using rig = await this.#open(history, dice);
    await deliver(rig, history, dice, async () => {
      await rig.replica.settled();
      const before = this.#describe(rig);
      await offerInVain(rig, history, dice);
      await rig.replica.settled();
      same(this.#describe(rig), before, 'after bundles that must not change anything');
      // What was offered waits for its ancestor, which never comes.
      await rig.reopen('closed');
      await rig.replica.settled();
      same(this.#describe(rig), before, 'after it was opened again');
    });
    checkAgainstHistory(rig.replica, history);
  }

  async #endAndOpen(rig: ReplicaRig, dice: Dice, earlier: () => void): Promise<void> {
    await rig.replica.settled();
    const before = this.#describe(rig);
    await rig.reopen(dice.pick<Ending>(['closed', 'killed', 'state-lost', earlier]));
    await rig.replica.settled();
    same(this.#describe(rig), before, 'after it was opened again');
  }

  #checkExpected(history: History, replica: Replica): void {
    const { machine, view, expected } = this.#options;
    if (expected)
      same(view(replica), expected(operationsOf(history.entries, machine)), 'the view against the model');
  }

  #play(script: HistoryScript<Op>): History {
    return playHistory(script, this.#historyOptions);
  }

  #open({ genesis }: History, dice: Dice): Promise<ReplicaRig> {
    const { machine } = this.#options;
    const time = new VirtualTime();
    return ReplicaRig.open({ genesis, machine, time, timers: dice.oneIn(2) ? hastyTimers(time) : time });
  }

  /** As it is once it has settled: nothing is to be awaited between that and the look, lest it goes on. */
  #describe({ replica }: ReplicaRig): unknown {
    return describeReplica(replica, this.#options.view);
  }

  get #historyOptions() {
    const { machine, operation, encode } = this.#options;
    return { operation, encode, type: machine.type, version: machine.version };
  }
}

async function check<T>(
  arbitrary: fc.Arbitrary<T>,
  predicate: (drawn: T) => Promise<void>,
  parameters: ConvergenceParameters = {},
): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, predicate), { includeErrorInReport: true, ...parameters });
}
