import type { CheckOptions, Replica } from '@lattice/kernel';
import { type Clock, storeUuid } from '@lattice/model';
import { AcceptedLosses } from './accepted-losses.js';
import type { NodeContext } from './context.js';
import type {
  AcceptedLoss,
  StoreCheckReport,
  StoreRebuildOptions,
  StoreRebuildReport,
  StoreWorkOptions,
} from './public-care.js';
import { problemInWords } from './store-problems.js';

/** What people may ask for to have a store in order, a mesh's own one included: a look at all of it, and a new state. */
export class StoreCare {
  readonly #replica: Replica;
  readonly #uuid: string;
  readonly #clock: Clock;
  readonly #losses: AcceptedLosses;
  #accepted: readonly AcceptedLoss[];

  constructor(context: NodeContext, replica: Replica) {
    this.#replica = replica;
    this.#uuid = storeUuid(replica.id);
    this.#clock = context.clock;
    this.#losses = new AcceptedLosses(context);
    this.#accepted = this.#losses.of(this.#uuid);
  }

  /** What it was gone on without, the first one first. May be asked after the close, too. */
  get acceptedLosses(): readonly AcceptedLoss[] {
    return this.#accepted;
  }

  async check(options: StoreWorkOptions): Promise<StoreCheckReport> {
    const report = await this.#replica.check(this.#workOptions(options));
    const { kind } = this.#replica.genesis;
    const problems = report.problems.map((problem) => problemInWords(problem, kind));
    return { ...report, problems, acceptedLosses: this.#accepted };
  }

  async rebuild({ force, acceptLoss, ...options }: StoreRebuildOptions): Promise<StoreRebuildReport> {
    const { entries, reissued, ...loss } = await this.#replica.rebuild({
      ...this.#workOptions(options),
      force,
      acceptLoss,
    });
    const { givenUp, places } = loss;
    if (acceptLoss && (places > 0 || givenUp > 0)) {
      this.#losses.remember(this.#uuid, { atMs: this.#clock.nowMs(), ...loss });
      this.#accepted = this.#losses.of(this.#uuid);
    }
    return { entries, givenUp, reissued };
  }

  #workOptions({ signal, onProgress }: StoreWorkOptions): CheckOptions {
    const ofEntries = this.#replica.entriesKept();
    return {
      signal,
      onProgress: ({ entries, compared }) =>
        onProgress?.({ entries, ofEntries: Math.max(ofEntries, entries), keys: compared }),
    };
  }
}
