import { type EntryRef, TimeSlice } from '@lattice/model';
import { CheckedLog, type LogProblem, type LogTally } from './checked-log.js';
import type { CommitLoop } from './commit-loop.js';
import type { ReplicaCore } from './replica-core.js';
import { indexTables, StateBeside } from './state-beside.js';
import { type Difference, TableComparison } from './table-comparison.js';
import { missingOf } from './waiting-report.js';

export type StoreProblem =
  | LogProblem
  /** Entries in the log name one that is not there: they, and what follows them, wait for it. */
  | {
      readonly kind: 'ancestor-missing';
      readonly entry: EntryRef;
      /** How many, or how many at least where memory has no room for more. */
      readonly waiting: number;
      readonly isAll: boolean;
    }
  /** The index of entries, or the machine's state, is not what the log says. */
  | { readonly kind: 'index-differs' | 'state-differs'; readonly difference: Difference };

export interface CheckReport extends LogTally {
  /** The first of them: at most 100. */
  readonly problems: readonly StoreProblem[];
  /** How many there are in all. */
  readonly problemCount: number;
  /** Whether index and state were compared with what the log makes; not where part of that is lost or awaited. */
  readonly compared: boolean;
}

export interface CheckProgress extends LogTally {
  /** Keys of index and state that were compared; 0 while the log is still being read. */
  readonly compared: number;
}

export interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called often. */
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
}

const problemsMax = 100;

/**
 * Verifies a store while it serves. The log is read as if it came from a stranger: checksums, hashes, chain links, one
 * signature per chain and bundle. From what stands up to that a second state is computed, and then the first is compared
 * with it, a slice at a time, both at the same place in the log.
 */
export async function checkStore(
  live: ReplicaCore,
  loop: CommitLoop,
  options: CheckOptions,
): Promise<CheckReport> {
  for (;;) {
    const report = await new StoreCheck(live, loop, options).run();
    if (report) return report;
  }
}

class StoreCheck {
  readonly #live: ReplicaCore;
  readonly #loop: CommitLoop;
  readonly #options: CheckOptions;
  readonly #problems: StoreProblem[] = [];
  #problemCount = 0;

  constructor(live: ReplicaCore, loop: CommitLoop, options: CheckOptions) {
    this.#live = live;
    this.#loop = loop;
    this.#options = options;
  }

  /** `undefined` where what counts changed in the middle, so that it must be begun again. */
  async run(): Promise<CheckReport | undefined> {
    const { id, storage } = this.#live.options;
    const log = new CheckedLog(
      storage.log,
      id,
      (problem) => {
        if (problem.kind === 'log-damaged') this.#live.noteDamage(problem.offset);
        this.#found(problem);
      },
      (tally) => this.#tell(tally, 0),
    );
    await using beside = await StateBeside.compute(this.#live, log);
    const { guests, isCrowded } = beside.core.waiting;
    for (const { entry, waiting } of missingOf(guests))
      this.#found({ kind: 'ancestor-missing', entry, waiting, isAll: !isCrowded });
    const compared = beside.isWhole && this.#isComplete(beside);
    if (compared && !(await this.#compare(beside, log))) return undefined;
    const problemCount = this.#problemCount;
    return { ...log.tally, problems: this.#problems, problemCount, compared };
  }

  /** Not where something is wrong with the log that the state was computed from before: that would differ everywhere. */
  #isComplete({ core, live }: StateBeside): boolean {
    return this.#problemCount === 0 || core.state.dag.nextRef >= live.state.dag.nextRef;
  }

  /** Returns whether it came to its end. */
  async #compare(beside: StateBeside, log: CheckedLog): Promise<boolean> {
    const { timers } = this.#live.options;
    const comparison = new TableComparison([...beside.pairs(indexTables), beside.machinePair]);
    let isFinished = false;
    while (!isFinished) {
      await this.#loop.inTurn(async () => {
        if (beside.isOutdated) return;
        await beside.follow();
        const slice = new TimeSlice(timers);
        isFinished = comparison.step(
          () => slice.isOver,
          (difference) => this.#found({ kind: kindOf(difference), difference }),
        );
      });
      if (beside.isOutdated) return false;
      this.#tell(log.tally, comparison.compared);
      await timers.yield();
    }
    return true;
  }

  #tell(tally: LogTally, compared: number): void {
    this.#options.signal?.throwIfAborted();
    this.#options.onProgress?.({ ...tally, compared });
  }

  #found(problem: StoreProblem): void {
    this.#problemCount++;
    if (this.#problems.length < problemsMax) this.#problems.push(problem);
  }
}

function kindOf({ table }: Difference): 'index-differs' | 'state-differs' {
  return table === 'state' ? 'state-differs' : 'index-differs';
}
