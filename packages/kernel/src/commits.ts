import {
  allAtOnce,
  assert,
  type Bundle,
  type Cancel,
  type Entry,
  type IdKey,
  idKey,
  type LocalRef,
  type TimeSlice,
} from '@lattice/model';
import { ByteWriter, writeBundle } from '@lattice/proto';
import type { Commit } from './commit.js';
import { inLogAllTheSame } from './commit-refusals.js';
import type { HybridClock, LatestWithin } from './hybrid-clock.js';
import { Ingest, ingest, type Ingested, type LoggedBundle } from './ingest.js';
import type { OwnChain } from './own-chain.js';
import type { ReplicaCore } from './replica-core.js';
import type { Sealed } from './sealer.js';
import { subBundle } from './sub-bundle.js';
import type { Waiting } from './waiting-room.js';

export interface CommitsOptions {
  readonly own: OwnChain;
  readonly clock: HybridClock;
  readonly slice: TimeSlice;
  readonly onCommit: (commit: Commit) => void;
  /** Is handed what waited for something that is there now. */
  readonly onReleased: (waiting: readonly Waiting[]) => void;
  /** The state could not be brought up to the log: the next that is asked for tries again. */
  readonly onBehind: () => void;
  /** The log has what now can be placed, and must be replayed for that. */
  readonly onReplayWanted: () => void;
}

/** Own entries that are in the log by one append, and acknowledged. */
interface Trailing {
  readonly sealed: readonly Sealed[];
  readonly logged: readonly LoggedBundle[];
  isDone: boolean;
  /** What the state made of each, once it has them. */
  ingested: readonly Ingested[];
}

/**
 * Commits to a store, one after the other: each is in the log, then in the state, then everybody hears of it. Own entries are
 * acknowledged when they are in the log, and the state _trails_ by them until somebody looks, or else while the log syncs the
 * next: whoever looks finds them, so nobody can tell but by the time that it takes.
 */
export class Commits {
  readonly #core: ReplicaCore;
  readonly #options: CommitsOptions;
  /** Where bundles are laid out for the log, one at a time: for large ones, making room takes longer than that. */
  readonly #layout = new ByteWriter(4_096);
  readonly #kept: LatestWithin;
  readonly #unfollow: Cancel;
  #trailing: Trailing | undefined;

  constructor(core: ReplicaCore, options: CommitsOptions) {
    this.#core = core;
    this.#options = options;
    this.#kept = (horizon) => core.state.dag.latestWithin(horizon);
    this.#unfollow = options.clock.follow(this.#kept);
  }

  /** `logged`: where the bundle is in the log already. */
  async commit(
    bundle: Bundle,
    fresh: readonly number[],
    origin: Commit['origin'],
    logged?: number,
  ): Promise<void> {
    // What the state has no room for is refused before it is in the log, and so for good.
    if (logged === undefined) this.#core.state.kv.requireRoom();
    const kept = logged === undefined ? subBundle(bundle, fresh) : bundle;
    const indexes = logged === undefined ? kept.entries.map((_, index) => index) : fresh;
    const offset = logged ?? (await this.#append([kept]))[0];
    assert(offset !== undefined, 'the log answers with an offset for each record');
    if (logged === undefined) this.#options.slice.begin();
    const place = this.#placeOf(kept, indexes, offset, this.#end);
    const ingested = await this.inStep(() => this.#ingest(place)).catch((error: unknown) => {
      throw origin === 'local' ? inLogAllTheSame(error) : error;
    });
    this.#tell(kept, origin, ingested);
  }

  /**
   * Commits entries of this node, each of which goes on from the one before it, with one append. Resolves with their aliases
   * once they are in the log, and thus acknowledged.
   */
  async own(sealed: readonly Sealed[]): Promise<readonly LocalRef[]> {
    if (!this.mayShareAppends) {
      for (const { bundle } of sealed) await this.commit(bundle, [0], 'local');
      return this.#aliasesOf(sealed);
    }
    this.#core.options.storage.state.requireRoom();
    const appending = this.#append(sealed.map(({ bundle }) => bundle));
    await this.#settleMeanwhile(appending);
    const offsets = await appending;
    this.#options.slice.begin();
    const logged = sealed.map(({ bundle }, i) =>
      this.#placeOf(bundle, [0], offsets[i] as number, offsets[i + 1] ?? this.#end),
    );
    // What they go on from the state could not take in: all comes from the log.
    if (this.#core.isBehind) return this.#ownFromLog(sealed);
    const trailing: Trailing = { sealed, logged, isDone: false, ingested: [] };
    this.#trailing = trailing;
    const first = this.#core.trail(() => this.#follow(trailing));
    return sealed.map((_, i) => (first + i) as LocalRef);
  }

  /**
   * Whether own entries may share an append, and the state trails by them. Not where it goes before the writers: what decides
   * what counts, everybody is to hear of before they do.
   */
  get mayShareAppends(): boolean {
    return !this.#core.options.projectUncounted;
  }

  /** What the next own entry goes on from, and no other than that, though the state does not have it yet. */
  get last(): Sealed | undefined {
    const { isDone = true, sealed = [] } = this.#trailing ?? {};
    const last = sealed.at(-1);
    return isDone || last?.isOnlyHead !== true ? undefined : last;
  }

  /** Whether there is something that `settle` would do. */
  get isTrailing(): boolean {
    return this.#trailing !== undefined;
  }

  /** Brings the state up to what is acknowledged, and tells of that. */
  async settle(): Promise<void> {
    const trailing = this.#trailing;
    if (!trailing) return;
    this.#core.catchTrailing();
    this.#trailing = undefined;
    const rest = async (): Promise<void> => {
      await this.#core.state.kv.room();
      for (const [i, ingested] of trailing.ingested.entries()) {
        await this.#recheck(ingested);
        this.#tell((trailing.sealed[i] as Sealed).bundle, 'local', ingested);
      }
    };
    // Their writers have heard of them: the next ones do not fail for it.
    await this.inStep(rest).catch(() => undefined);
  }

  /** Where a transaction fails, what memory holds is read back; before anything else, the state is brought up to date. */
  async inStep<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#fallBehind();
      throw error;
    }
  }

  /** Brings the state up to the log where it is behind. */
  async mend(): Promise<void> {
    if (!this.#core.isBehind) return;
    await this.settle();
    this.#options.onReleased(await this.inStep(() => this.#core.catchUp()));
    this.#core.isBehind = false;
    this.observeKept();
  }

  /** The clock goes on without what is here; nothing is committed any more. */
  close(): void {
    this.#unfollow();
  }

  /** What comes to count moves the clock, as what arrives does. */
  observeKept(): void {
    this.#options.clock.observeKept(this.#kept);
  }

  /** The state takes in what it trails by while the disk is at work. */
  async #settleMeanwhile(appending: Promise<unknown>): Promise<void> {
    if (!this.#trailing) return;
    // It is awaited, and its failure heard of, only then.
    appending.catch(() => undefined);
    // In the next turn of the event loop the disk has its work.
    await this.#core.options.timers.yield();
    await this.settle();
  }

  async #ownFromLog(sealed: readonly Sealed[]): Promise<readonly LocalRef[]> {
    try {
      await this.mend();
    } catch (error) {
      throw inLogAllTheSame(error);
    }
    return this.#aliasesOf(sealed);
  }

  /** Of what was just written, and is in the state. */
  #aliasesOf(sealed: readonly Sealed[]): readonly LocalRef[] {
    const { number } = this.#options.own.remember(lastOf(sealed).hash);
    const { index } = this.#core.state.dag;
    return sealed.map(({ bundle }) => index.refAt({ chain: number, seq: (bundle.entries[0] as Entry).seq }));
  }

  /** In one go, as it may be a reader who waits for it. */
  #follow(trailing: Trailing): void {
    trailing.isDone = true;
    // Then it comes from the log, with what is missing before it.
    if (this.#core.isBehind) return;
    try {
      const one = new Ingest(this.#core.state);
      const ingested = one.transaction(() => trailing.logged.map((logged) => allAtOnce(one.bundle(logged))));
      ingested.forEach((each) => this.#noteIngested(each));
      this.#options.own.remember(lastOf(trailing.sealed).hash);
      trailing.ingested = ingested;
    } catch {
      this.#fallBehind();
    }
  }

  async #ingest(logged: LoggedBundle): Promise<Ingested> {
    const ingested = await ingest(this.#core.state, logged, this.#options.slice);
    this.#noteIngested(ingested);
    await this.#recheck(ingested);
    return ingested;
  }

  #noteIngested({ added }: Ingested): void {
    this.#core.changed();
    for (const { record } of added) if (record.counted) this.#options.clock.observe(record.time);
  }

  async #recheck({ awaited }: Ingested): Promise<void> {
    if (awaited.length === 0) return;
    await this.#core.recheck(awaited);
    this.observeKept();
  }

  #tell(bundle: Bundle, origin: Commit['origin'], ingested: Ingested): void {
    this.#core.options.checkpoints?.note(bundle, this.#core.state);
    const counts = ingested.added.every(({ record }) => record.counted);
    const { conflicts } = ingested;
    this.#options.onCommit({ bundle, origin, counts, forked: this.#forkedBy(ingested), conflicts });
    for (const hash of bundle.hashes) this.#options.onReleased(this.#core.waiting.arrived(hash));
    this.#letGoOfOriginals(bundle);
    if (!this.#core.waiting.wantsReplay) return;
    this.#core.isBehind = true;
    this.#options.onReplayWanted();
  }

  /** What was issued again without an ancestor that is lost would wait for it for ever. */
  #letGoOfOriginals({ entries }: Bundle): void {
    const { state, waiting } = this.#core;
    if (waiting.pending === 0) return;
    const originals = new Set(entries.flatMap(({ instead }) => (instead ? idKey(instead) : [])));
    if (originals.size === 0) return;
    waiting.letGoOfEndingWith(originals, (bundle) => state.dag.saysAgain(bundle));
  }

  #forkedBy({ added }: Ingested): readonly IdKey[] {
    const { chains } = this.#core.state.dag.index;
    return added.filter((one) => one.forked).map((one) => idKey(chains.at(one.record.chain).author));
  }

  #fallBehind(): void {
    this.#core.isBehind = true;
    this.#options.onBehind();
    try {
      this.#core.reload();
    } catch {
      // It is done again before anything else is.
    }
  }

  /** Taken when it is in the log, and before anything else is that begins at `next` or behind that. */
  #placeOf(bundle: Bundle, fresh: readonly number[], offset: number, next: number): LoggedBundle {
    return { bundle, fresh, offset, next: this.#core.waiting.replayFrom(next) };
  }

  get #end(): number {
    return this.#core.options.storage.log.end;
  }

  /** All or none of them, in one go. */
  #append(bundles: readonly Bundle[]): Promise<readonly number[]> {
    this.#layout.reset();
    const ends = bundles.map((bundle) => writeBundle(this.#layout, bundle, 'full').length);
    const bytes = this.#layout.view();
    const records = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
    return this.#core.options.storage.log.append(records);
  }
}

function lastOf(sealed: readonly Sealed[]): Sealed {
  const last = sealed.at(-1);
  assert(last, 'there is at least one');
  return last;
}
