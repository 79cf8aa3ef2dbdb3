import type { Admission } from '@lattice/model';
import type { CheckedLog } from './checked-log.js';
import type { LogRecord } from './log-reader.js';
import { ReplicaCore } from './replica-core.js';
import type { TablePair } from './table-comparison.js';

/** The tables that are computed from the log and from who counts, apart from the machine's own. */
export const indexTables = ['entries', 'runs', 'joins', 'chains', 'instead'] as const;

/**
 * A second state of a store, computed from its log into a scratch file while the first one serves: what the state is when
 * nothing ever went wrong with it.
 */
export class StateBeside implements AsyncDisposable {
  private constructor(
    readonly core: ReplicaCore,
    readonly live: ReplicaCore,
    private readonly admission: Admission,
    private readonly revision: number,
    private readonly close: () => Promise<void>,
  ) {}

  /** Replays all of the log, as far as it stands up to scrutiny, in slices. */
  static async compute(live: ReplicaCore, log: CheckedLog): Promise<StateBeside> {
    const { admission } = live.state.dag.counting;
    const { revision } = live;
    const state = await live.options.storage.openScratch();
    const close = async () => state[Symbol.asyncDispose]();
    try {
      const { genesis } = live.options.storage;
      const beside = { genesis, log, state, stateBytes: 0, repairs: [], [Symbol.asyncDispose]: close };
      const storage = { ...beside, openScratch: unused, keepCheckpoint: unused, dropCheckpoint: unused };
      const decode = (item: LogRecord) => log.decoding(item);
      const options = { ...live.options, storage, checkpoints: undefined, decode };
      const core = await ReplicaCore.open(options, admission);
      return new StateBeside(core, live, admission, revision, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** Whether the first state was computed anew meanwhile, or counts otherwise, so that the two cannot be compared. */
  get isOutdated(): boolean {
    return this.live.revision !== this.revision || this.live.state.dag.counting.admission !== this.admission;
  }

  /** Whether all that the log holds could be replayed: where part of it is lost, what needs that waits. */
  get isWhole(): boolean {
    return !this.core.waiting.hasLogged;
  }

  /** Replays what was appended since; to be called while nothing is written. */
  async follow(): Promise<void> {
    if (this.isWhole && this.core.state.meta.cursor.offset < this.core.options.storage.log.end)
      await this.core.follow();
  }

  pairs(names: readonly string[]): readonly TablePair[] {
    return names.map((name) => ({
      name,
      found: () => this.live.state.kv.table(name),
      wanted: () => this.core.state.kv.table(name),
    }));
  }

  /** The machine's part. */
  get machinePair(): TablePair {
    return {
      name: 'state',
      found: () => this.live.state.projection.state,
      wanted: () => this.core.state.projection.state,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function unused(): Promise<never> {
  return Promise.reject(new Error('assertion failed: a state beside has nothing beside it'));
}
