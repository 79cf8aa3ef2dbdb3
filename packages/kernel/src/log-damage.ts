import type { Logger, NodeId } from '@lattice/model';
import type { LogStretch } from '@lattice/storage';
import type { CommitLoop } from './commit-loop.js';
import type { LongWork } from './long-work.js';
import { type LostEntries, lostEntriesOf } from './lost-entries.js';
import type { ReplicaCore } from './replica-core.js';
import { rebuildStore } from './store-rebuild.js';

/** However much is on its way into the DAG that waited for what was lost: whoever wants the log mended asks again. */
const mendTurnsMax = 100_000;

/**
 * Damage to a part of the log that the state had already taken in: found by whoever reads there, it becomes a hole as any
 * other, and what was in it is to come from a member that has it.
 */
export class LogDamage {
  readonly #core: ReplicaCore;
  readonly #loop: CommitLoop;
  readonly #longWork: LongWork;
  readonly #self: NodeId;
  readonly #logger: Logger;
  readonly #noted = new Set<number>();
  readonly #listeners = new Set<() => void>();

  constructor(core: ReplicaCore, loop: CommitLoop, longWork: LongWork, self: NodeId, logger: Logger) {
    this.#core = core;
    this.#loop = loop;
    this.#longWork = longWork;
    this.#self = self;
    this.#logger = logger;
    core.onDamaged((offset) => this.#note(offset));
  }

  /** To be called where somebody else found no intact record at that offset of the log. */
  note(offset: number): void {
    this.#core.noteDamage(offset);
  }

  /** Calls back when there is a hole that was not known before. Returns what unsubscribes. */
  onFound(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether the state has what was lost of the log. */
  get isCovered(): boolean {
    return this.#core.state.holes.covered().length > 0;
  }

  /** Which entries the state has and the log has lost, to be asked for; `undefined` where there are none. Rejects as `check` does. */
  lost(): Promise<LostEntries | undefined> {
    return lostEntriesOf(this.#core, this.#loop, this.#longWork);
  }

  /**
   * To be called when the log has all of it again, at its end: has the state refer to it there, and puts out of use what was
   * damaged. Resolves with what that was. Rejects as `rebuild` does; the old state is then the one in use.
   */
  async putBack(): Promise<readonly LogStretch[]> {
    const covered = new Set(this.#core.state.holes.covered().map(({ offset }) => offset));
    let mended: readonly LogStretch[] = [];
    const andThen = async () => {
      mended = await this.#core.mend(({ offset }) => covered.has(offset));
    };
    await this.#longWork.run({}, (all) =>
      rebuildStore(this.#core, this.#loop, this.#self, { ...all, andThen }),
    );
    return mended;
  }

  /** See `Replica.mend`. */
  async mend(): Promise<readonly LogStretch[]> {
    let mended: readonly LogStretch[] = [];
    let turns = 0;
    do {
      await this.#loop.inTurn(async () => {
        mended = await this.#core.mend();
      });
    } while (mended.length === 0 && this.#core.waiting.isPlacingLogged && ++turns < mendTurnsMax);
    return mended;
  }

  #note(offset: number): void {
    if (this.#noted.has(offset)) return;
    this.#noted.add(offset);
    void this.#loop
      .inTurn(async () => this.#add(offset))
      // A closed store, or a full disk: whoever reads there next finds it again.
      .catch(() => undefined)
      .finally(() => this.#noted.delete(offset));
  }

  #add(offset: number): void {
    const { kv, holes, meta } = this.#core.state;
    if (offset >= meta.cursor.offset || holes.has(offset)) return;
    const [item] = this.#core.reader.scan(offset);
    // Read well the second time.
    if (item?.kind !== 'damaged' || item.offset !== offset) return;
    kv.transaction(() => holes.addCovered(item, this.#core.reader.end));
    this.#logger.log('warn', 'the log of a store is damaged on disk', { offset, bytes: item.next - offset });
    for (const listener of this.#listeners) listener();
  }
}
