import {
  type Admission,
  assert,
  type Bundle,
  LatticeError,
  type LocalRef,
  type NodeId,
  type Random,
  type StoreId,
  type Timers,
} from '@lattice/model';
import type { LogStretch, StoreStorage } from '@lattice/storage';
import { AdmissionRules } from './admission-rules.js';
import type { Checkpoints } from './checkpoints.js';
import { Dag } from './dag.js';
import { Eras } from './eras.js';
import { Holes } from './holes.js';
import type { StoreState } from './ingest.js';
import { LogReader } from './log-reader.js';
import { layoutVersion, MetaTable } from './meta-table.js';
import type { AnyMachine } from './operations.js';
import { Projection } from './projection.js';
import { Published } from './published.js';
import { Recount } from './recount.js';
import { replay } from './replay.js';
import { unfinished } from './unfinished.js';
import { type Waiting, WaitingRoom } from './waiting-room.js';

export interface CoreOptions {
  readonly id: StoreId;
  readonly storage: StoreStorage;
  readonly machine: AnyMachine | undefined;
  readonly projectUncounted: boolean;
  readonly timers: Timers;
  readonly random: Random;
  /** Absent for a state that nobody goes on from. */
  readonly checkpoints: Checkpoints | undefined;
  /** How records of a log are decoded that is not trusted. */
  readonly decode?: ConstructorParameters<typeof LogReader>[2];
}

/** The state of one store, in step with its log: what commits change and reads look at. */
export class ReplicaCore {
  readonly options: CoreOptions;
  readonly reader: LogReader;
  readonly waiting = new WaitingRoom();
  #state: StoreState;
  #recount: Recount;
  #published: Published;
  #onChanged: () => void = () => undefined;
  #onDamaged: (offset: number) => void = () => undefined;
  /** The log has what the state does not: nothing is to be committed before it has caught up. */
  isBehind = false;
  #revision = 0;
  /** What is in memory may not be what was committed: it is read again before anything is made of it. */
  #isStale = false;
  /** Takes in what the state trails by. */
  #trailing: (() => void) | undefined;

  /** Opens the state and replays what the log has beyond it. Without an admission, what is new counts once there is one. */
  static async open(options: CoreOptions, admission: Admission | undefined): Promise<ReplicaCore> {
    await discardIfForeign(options);
    const core = new ReplicaCore(options, admission ?? nobody);
    await core.#state.projection.tidy();
    await core.catchUp();
    return core;
  }

  /**
   * The same, but on a full disk, where the log may have what there is no room to put into the state: then it is open as far
   * as the state goes, and behind.
   */
  static async openForReading(options: CoreOptions, admission: Admission | undefined): Promise<ReplicaCore> {
    await discardIfForeign(options);
    const core = new ReplicaCore(options, admission ?? nobody);
    await core.#state.projection.tidy();
    try {
      await core.catchUp();
    } catch (error) {
      if (!(error instanceof LatticeError && error.code === 'disk-full')) throw error;
      core.isBehind = true;
      core.reload();
      core.#published = new Published(core.#state.dag, unfinished(core.#state.dag, core.reader));
    }
    return core;
  }

  private constructor(options: CoreOptions, admission: Admission) {
    this.options = options;
    const { storage, decode } = options;
    this.reader = new LogReader(storage.log, (offset) => this.noteDamage(offset), decode);
    [this.#state, this.#recount] = this.#load(admission);
    this.#published = new Published(this.#state.dag);
  }

  get state(): StoreState {
    this.catchTrailing();
    return this.#state;
  }

  /**
   * Has entries taken in before anybody looks at the state again: such as are in the log, and all there is in the state goes
   * before them. Returns the alias that the first gets.
   */
  trail(takeIn: () => void): LocalRef {
    assert(!this.#trailing, 'a state trails by one append');
    this.#trailing = takeIn;
    return this.#state.dag.nextRef;
  }

  catchTrailing(): void {
    const takeIn = this.#trailing;
    this.#trailing = undefined;
    takeIn?.();
  }

  /** Another one after whatever else than new entries changed the state. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Reads everything held in memory back from what was committed, after a transaction failed in the middle. Readers have
   * the tips from before it until `catchUp` went well.
   */
  reload(): void {
    this.#revision++;
    this.#isStale = true;
    [this.#state, this.#recount] = this.#load(this.#state.dag.counting.admission);
    this.#isStale = false;
  }

  /**
   * Replays what the log has beyond the state, and brings the state in line with the admission. Returns bundles of peers
   * that waited for what was replayed.
   */
  async catchUp(): Promise<readonly Waiting[]> {
    if (this.#isStale) this.reload();
    const { storage } = this.options;
    const { dag, meta, projection } = this.#state;
    const { admission } = dag.counting;
    if (admission === nobody && meta.cursor.offset < storage.log.end) this.#recount.forgetRules();
    // What is here is brought in line first, so that what follows needs no second look. It may end within a bundle, of which
    // nothing is told before the rest is here, too.
    if (admission !== nobody) await this.#adopt(admission);
    const released = await this.follow();
    if (admission !== nobody) this.#recount.rememberFollowed(admission);
    if (!projection.isCurrent || this.isRecountDue) await this.#rebuild(admission);
    return released;
  }

  /** Whether what was ingested since says that something applied before has no effect. */
  get isRecountDue(): boolean {
    return this.#state.meta.number('recounting') !== undefined;
  }

  /** Brings what is applied in line with which entries are replaced. */
  recount(): Promise<void> {
    return this.#rebuild(this.#state.dag.counting.admission);
  }

  /** The first half of `catchUp`: replays what the log has beyond the state, under the admission that it has. */
  async follow(): Promise<readonly Waiting[]> {
    const { id, timers, checkpoints } = this.options;
    const onBundle = (bundle: Bundle) => checkpoints?.note(bundle, this.#state);
    const { awaited, released } = await replay(this.#state, this.reader, this.waiting, id, timers, onBundle);
    this.changed();
    if (awaited.length > 0) await this.recheck(awaited);
    return released;
  }

  async adopt(admission: Admission): Promise<void> {
    await this.#adopt(admission);
    this.changed();
  }

  async recheck(authors: Parameters<Recount['recheck']>[0]): Promise<void> {
    this.#revision++;
    await this.#recount.recheck(authors);
    this.changed();
  }

  /** To be called where a record of the log that the state has is found to be damaged. Cheap where that is known. */
  noteDamage(offset: number): void {
    const { holes, meta } = this.#state;
    if (offset < meta.cursor.offset && !holes.has(offset)) this.#onDamaged(offset);
  }

  /** Calls back with what is news of that; replaces what was said before. */
  onDamaged(callback: (offset: number) => void): void {
    this.#onDamaged = callback;
  }

  /** Whether entries of the log wait for what was lost of it, or the last one of that author, who writes here, may be lost. */
  isDamaged(self: NodeId): boolean {
    const { dag, holes } = this.#state;
    return this.waiting.hasLogged || holes.mayHideLastOf(self, dag.index);
  }

  /**
   * Puts what is damaged of the log out of use, since nobody misses any of it: to be called while nothing is written. Resolves
   * with what it was; with nothing while entries still wait for it. What the state alone has is missed. `chosen`: which holes.
   */
  async mend(chosen: (hole: LogStretch) => boolean = () => true): Promise<readonly LogStretch[]> {
    const { kv, holes } = this.#state;
    if (this.waiting.hasLogged) return [];
    const all = [...holes].filter((hole) => !hole.isCovered && chosen(hole));
    for (const hole of all) {
      await this.options.storage.log.mend(hole);
      kv.transaction(() => holes.remove(hole));
    }
    return all.map(({ offset, next }) => ({ offset, next }));
  }

  /**
   * Goes on without what was lost: what the log has that waits for it stays there, and waits no more. To be called while
   * nothing is written. Resolves with how many places of the log were lost.
   */
  async giveUp(): Promise<number> {
    const { kv, meta, dag } = this.#state;
    this.waiting.forgetLogged();
    kv.transaction(() => {
      meta.cursor = { offset: this.reader.end, nextRef: dag.nextRef };
    });
    const { length: places } = await this.mend();
    this.changed();
    return places;
  }

  /** What is kept, as it was after the last commit or recount. */
  get published(): Published {
    this.catchTrailing();
    return this.#published;
  }

  /** To be called after whatever changes what is kept, or the state. */
  changed(): void {
    const { dag } = this.#state;
    if (this.#published.dag === dag && !this.#published.isCut) this.#published.refresh();
    else this.#published = new Published(dag);
    this.#onChanged();
  }

  /** Calls back after each change; replaces what was said before. */
  onChanged(callback: () => void): void {
    this.#onChanged = callback;
  }

  async #adopt(admission: Admission): Promise<void> {
    this.#revision++;
    await this.#recount.adopt(admission);
  }

  async #rebuild(admission: Admission): Promise<void> {
    if (admission === nobody) this.#recount.forgetRules();
    this.#revision++;
    await this.#recount.rebuild();
    this.changed();
  }

  #load(admission: Admission): [StoreState, Recount] {
    const { storage, machine, projectUncounted, timers, random } = this.options;
    const kv = storage.state;
    const meta = new MetaTable(kv.table('meta'));
    const dag = new Dag(kv, admission, meta.cursor.nextRef, !projectUncounted);
    const eras = new Eras(kv.table('eras'), random);
    const rules = new AdmissionRules(kv.table('rules'), kv.table('named'), dag.index.chains);
    const projection = new Projection(kv, meta, machine);
    const holes = new Holes(kv.table('holes'));
    const state = { kv, meta, dag, eras, rules, holes, projection, projectUncounted };
    return [state, new Recount(state, this.reader, timers)];
  }
}

const nobody: Admission = { rule: () => undefined, authors: () => [], alsoKept: () => [] };

/**
 * State that is of another layout, or ahead of the log (which then lost its end), is of no use; neither is its checkpoint, which
 * would be taken for one that the log goes on from, once that is long enough again.
 */
async function discardIfForeign({ storage, machine, checkpoints }: CoreOptions): Promise<void> {
  const { state, log } = storage;
  const meta = new MetaTable(state.table('meta'));
  const layout = meta.number('layout');
  if (layout === layoutVersion && meta.cursor.offset <= log.end) return;
  // Beside an empty state, a checkpoint is an earlier one of this log, or as foreign as this is found to be when it is used.
  if (layout !== undefined) await checkpoints?.drop();
  await state.clear();
  const fresh = new MetaTable(state.table('meta'));
  state.transaction(() => {
    fresh.setNumber('layout', layoutVersion);
    fresh.setNumber('machine-version', machine?.version ?? 0);
  });
}
