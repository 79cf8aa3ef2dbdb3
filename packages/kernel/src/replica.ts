import type { KeyPair } from '@lattice/crypto';
import {
  type Admission,
  type AppliedLog,
  type Entry,
  type EntryInfo,
  type EntryRef,
  type Genesis,
  type Hash,
  type Hlc,
  type LocalRef,
  type Logger,
  type NodeId,
  type Random,
  silentLogger,
  type StateView,
  type StoreId,
  type Timers,
  TimeSlice,
} from '@lattice/model';
import type { LogStretch, StoreStorage } from '@lattice/storage';
import { type AuthorHistory, authorsOf } from './authors.js';
import { type CheckpointPolicy, Checkpoints } from './checkpoints.js';
import type { ClockRepaired, Stranded } from './clock-repair.js';
import type { Admittance, Commit, Written } from './commit.js';
import { Chores } from './chores.js';
import { CommitLoop } from './commit-loop.js';
import { closedError } from './commit-refusals.js';
import { storeIdOf } from './hashing.js';
import { history, type HistoryEntry, isForked } from './history.js';
import type { HybridClock } from './hybrid-clock.js';
import { Inbox, type Receipt } from './inbox.js';
import { LogDamage } from './log-damage.js';
import { LongWork } from './long-work.js';
import { Outgoing } from './outgoing.js';
import type { AnyMachine } from './operations.js';
import { OwnChain } from './own-chain.js';
import { ReplicaAppliedLog } from './replica-applied-log.js';
import { ReplicaCore } from './replica-core.js';
import type { ReplicaStatus } from './replica-status.js';
import { Sealer } from './sealer.js';
import { type KeptChain, keptChainsOf } from './kept-chains.js';
import { chainSamples } from './samples.js';
import { type CheckOptions, type CheckReport, checkStore } from './store-check.js';
import { type RebuildOptions, type Rebuilt, rebuildStore } from './store-rebuild.js';
import { type ReplicaSnapshot, Snapshots } from './snapshots.js';
import type { VerifiedBundle } from './verify.js';
import { type HeldAuthor, heldAuthorsOf, type Missing, missingOf } from './waiting-report.js';
import type { Sender } from './waiting-room.js';
import type { WriteOptions } from './write.js';

export interface ReplicaOptions {
  readonly genesis: Genesis;
  /** Becomes the replica's: it is closed with it. */
  readonly storage: StoreStorage;
  /** `undefined` for a store of a type that this node does not know: it replicates, and nothing is applied. */
  readonly machine: AnyMachine | undefined;
  /** Gives the machine also what does not count, since counting is what it decides. For the mesh store. */
  readonly projectUncounted?: boolean;
  /** Absent where it is this store itself that says it (the mesh store): `setAdmission` follows. */
  readonly admission?: Admission;
  readonly key: KeyPair;
  readonly clock: HybridClock;
  readonly timers: Timers;
  readonly random: Random;
  /** Hears of what only costs time. */
  readonly logger?: Logger;
  /** How often the state is copied for the next crash of the machine; for tests. */
  readonly checkpointPolicy?: CheckpointPolicy;
}

/** One store on this node: its history, its state, and the one door for writes of this node and of others. */
export class Replica implements AsyncDisposable {
  readonly id: StoreId;
  readonly genesis: Genesis;
  /** Damage that is found to what the state has. */
  readonly damage: LogDamage;
  readonly #applied: ReplicaAppliedLog;
  readonly #core: ReplicaCore;
  readonly #loop: CommitLoop;
  readonly #own: OwnChain;
  readonly #snapshots: Snapshots;
  readonly #inbox: Inbox;
  readonly #options: ReplicaOptions;
  readonly #listeners = new Set<(commit: Commit) => void>();
  /** Checks and rebuilds. */
  readonly #longWork = new LongWork();
  readonly #chores: Chores;

  static async open(options: ReplicaOptions): Promise<Replica> {
    const { genesis, storage, machine, projectUncounted = false, timers, random } = options;
    const checkpoints = new Checkpoints(storage, options.logger ?? silentLogger, options.checkpointPolicy);
    const core = await ReplicaCore.openForReading(
      { id: storeIdOf(genesis), storage, machine, projectUncounted, timers, random, checkpoints },
      options.admission,
    );
    return new Replica(options, core);
  }

  private constructor(options: ReplicaOptions, core: ReplicaCore) {
    const { key, clock } = options;
    this.id = core.options.id;
    this.genesis = options.genesis;
    this.#options = options;
    this.#core = core;
    this.#applied = new ReplicaAppliedLog(core);
    this.#snapshots = new Snapshots(core);
    this.#own = new OwnChain(core, key.nodeId);
    this.#loop = new CommitLoop(core, {
      own: this.#own,
      self: key.nodeId,
      store: this.id,
      sealer: new Sealer(key, this.id, clock),
      clock,
      onCommit: (commit) => this.#announce(commit),
      onHeld: () => this.#chores.watchHeld(),
      onBehind: () => this.#chores.watchBehind(),
    });
    this.#chores = new Chores(core, this.#loop, options.timers);
    const logger = options.logger ?? silentLogger;
    this.damage = new LogDamage(core, this.#loop, this.#longWork, key.nodeId, logger);
    this.#inbox = new Inbox({
      lookUp: (author, seq) => this.lookUp(author, seq),
      has: (entry) => this.find(entry) !== undefined,
      admit: (bundle, from) => this.#loop.admit(bundle, from),
      closedError,
      slice: new TimeSlice(options.timers),
    });
  }

  /**
   * Writes encoded operations as (part of) one entry; resolves once it is durable, and in the state for whoever looks. Rejects with
   * `batch-too-large`, `store-type-unknown`, `store-damaged`, `store-closed`, `store-busy` (more than 100,000 writes or 64 MiB wait), `disk-full`, `disk-failed`,
   * `clock-behind` (by this clock the node is not let in yet), or with what its `check` refuses it for.
   */
  write(operations: Uint8Array, options: WriteOptions = {}): Promise<Written> {
    return this.#loop.write(operations, options);
  }

  /** Lets a peer's bundle in: whole, or not at all, or later. Rejects as `write` does. */
  admit(bundle: VerifiedBundle, from: Sender): Promise<Admittance> {
    return this.#loop.admit(bundle, from);
  }

  /**
   * Lets a peer's bytes in as a bundle, if they verify: in the order in which they come, as `admit` does. They are decoded
   * and verified in slices, so that the application is not kept waiting.
   */
  receive(bytes: Uint8Array, from: Sender): Promise<Receipt> {
    return this.#inbox.receive(bytes, from);
  }

  /** Counts under another admission from now on; resolves once the state is in line with it. */
  setAdmission(admission: Admission): Promise<void> {
    return this.#loop.adopt(admission);
  }

  /** The machine's state as it is now. Ask anew for each read: a rebuild replaces it. */
  get state(): StateView {
    return this.#core.state.projection.state;
  }

  /**
   * The state as it is now, whatever is written or computed anew from now on. It ends after 60 s. Throws
   * `too-many-snapshots` or `store-closed`.
   */
  snapshot(): ReplicaSnapshot {
    return this.#snapshots.take();
  }

  info(ref: LocalRef): EntryInfo {
    return this.#core.state.dag.index.info(ref);
  }

  /** An entry's fields, from the log. Throws `log-damaged`. */
  entry(ref: LocalRef): Entry {
    return this.#core.reader.entry(this.#core.state.dag.index, ref);
  }

  /** Of an entry its payload alone, for less; not the caller's to change. Throws `log-damaged`. */
  payload(ref: LocalRef): Uint8Array {
    return this.#core.reader.payload(this.#core.state.dag.index, ref);
  }

  /** Whether `other` is strictly in the causal past of `ref`. */
  sees(ref: LocalRef, other: LocalRef): boolean {
    return this.#core.state.dag.causality.sees(ref, other);
  }

  /** The alias of an entry that is in the DAG and matches on author, seq and hash. */
  find(named: EntryRef): LocalRef | undefined {
    const { index } = this.#core.state.dag;
    const place = index.find(named);
    return place && index.refAt(place);
  }

  /** Whether the first entry is the second or a chain ancestor of it; both are in the DAG. */
  isChainAncestor(earlier: EntryRef, later: EntryRef): boolean {
    const { index } = this.#core.state.dag;
    const [a, b] = [index.find(earlier), index.find(later)];
    return a !== undefined && b !== undefined && index.chains.leadsTo(a, b);
  }

  /** The hash of the only entry of that author and seq: what completes a thin bundle. */
  lookUp(author: NodeId, seq: number): Hash | undefined {
    return this.#core.state.dag.index.onlyHashAt(author, seq);
  }

  /** The last kept entry of every chain. */
  tips(): readonly EntryRef[] {
    return this.#core.published.tips();
  }

  /** An entry's time; it is in the DAG. */
  timeOf(tip: EntryRef): Hlc {
    return this.#core.published.timeOf(tip);
  }

  /** Equal on two nodes exactly when they keep the same entries. */
  digest(): Hash {
    return this.#core.published.digest();
  }

  /** How many entries are kept, over all chains. */
  entriesKept(): number {
    return this.#core.published.entries;
  }

  /** An entry's chain ancestors at exponentially growing distances, the first entry of the chain last. */
  samples(of: EntryRef): readonly EntryRef[] {
    return chainSamples(this.#core.state.dag.index, of);
  }

  /** What a peer lacks that has these entries. */
  outgoing(has: Iterable<EntryRef>): Outgoing {
    const { published, reader, state } = this.#core;
    return new Outgoing(state.dag.index, published, reader, has);
  }

  /** All entries in the DAG, newest first: see `history`. */
  history(): Iterable<HistoryEntry> {
    return history(this.#core.state.dag.index, this.#core.reader, this.#options.machine);
  }

  /** Whether another entry of the author has that place in its chain. */
  isForked(author: NodeId, seq: number): boolean {
    return isForked(this.#core.state.dag.index, author, seq);
  }

  /** A local number of the chain that has the entry: of two entries of a chain, the later sees the earlier. */
  chainOf(ref: LocalRef): number {
    return this.#core.state.dag.index.entry(ref).chain;
  }

  /** How far each author's history goes, by node id. */
  authors(): Iterable<AuthorHistory> {
    return authorsOf(this.#core.state.dag, this.tips());
  }

  /** The author's kept chains, the newest branch first: what a revocation names. */
  chainsOf(author: NodeId): readonly KeptChain[] {
    return keptChainsOf(this.#core.state.dag.index, this.tips(), author);
  }

  /** How far this node's own history goes that is here, over all its branches, kept or not. */
  ownSeq(): number {
    const own = this.#core.state.dag.index.chains.of(this.#options.key.nodeId);
    return own.reduce((greatest, { tipSeq }) => Math.max(greatest, tipSeq), 0);
  }

  /** The latest time of what others wrote that is kept. O(chains). */
  latestTimeOfOthers(): Hlc {
    return this.#core.state.dag.latestTimeOfOthers(this.#options.key.nodeId);
  }

  status(): ReplicaStatus {
    const { dag, meta } = this.#core.state;
    const { waiting } = this.#core;
    return {
      entries: this.entriesKept(),
      chains: this.tips().length,
      pending: waiting.pending,
      held: waiting.held,
      forks: dag.forks(),
      digest: this.digest(),
      needsUpgrade: meta.number('needs-upgrade') ?? 0,
      latestTime: dag.latestTime(),
      damaged: this.#core.isDamaged(this.#options.key.nodeId),
      behind: this.#core.isBehind,
    };
  }

  /** Resolves when the state has all that the log has. Rejects with `disk-full` where there is no room for it. */
  caughtUp(): Promise<void> {
    return this.#loop.inTurn(() => Promise.resolve());
  }

  /** How many histories this node's key has here, apart from those that `repairClock` has left: more than one is a copy's work. */
  ownBranches(): number {
    return this.#own.branches();
  }

  /** What this node wrote that is dated so far ahead that others do not take it yet: under a clock that was wrong. */
  stranded(): Stranded | undefined {
    return this.#loop.stranded();
  }

  /**
   * Issues what is stranded again, dated now; `undefined` where nothing is. The node's clock is to be told to `restart` before.
   * Rejects with `clock-not-repaired`, where it would not count, and as `write` does.
   */
  repairClock(): Promise<ClockRepaired | undefined> {
    return this.#loop.repairClock();
  }

  /** Resolves when all writes and arrivals of until now are in, or refused. */
  settled(): Promise<void> {
    return this.#loop.settled();
  }

  /**
   * Verifies the store from end to end while it serves: the log, what is computed from it, and that the two agree. Changes
   * nothing. Rejects with `aborted`, `store-closed`, or what the disk says of room for a second state.
   */
  check(options: CheckOptions = {}): Promise<CheckReport> {
    return this.#longWork.run(options, (all) => checkStore(this.#core, this.#loop, all));
  }

  /**
   * Computes all that is computed from the log anew, while the old state serves, and puts it in its place. Resolves with the
   * number of entries. Rejects with `store-damaged` where that would forget what this node wrote, with `log-lost-entries` where
   * the log has lost what the state has now, unless `force` is set; else as `check` does. With `acceptLoss` it goes on
   * without what was lost: what this node wrote that went on from it is issued again, behind its last entry whose ancestors are
   * all here, so where another node has what is lost here, that is a fork. Of the mesh's own store all is never given up.
   */
  rebuild(options: RebuildOptions = {}): Promise<Rebuilt> {
    const { nodeId } = this.#options.key;
    return this.#longWork.run(options, (all) =>
      rebuildStore(this.#core, this.#loop, nodeId, { ...options, ...all }),
    );
  }

  /** Stretches of the log that were damaged when the state was computed, and are not mended yet. */
  holes(): Iterable<LogStretch> {
    return this.#core.state.holes;
  }

  get hasHoles(): boolean {
    return !this.#core.state.holes.isEmpty;
  }

  /**
   * To be called when another node is found to keep what this one does: then what was lost in the holes is here again, or
   * nowhere that is known of, and they are put out of use. Resolves with those that were; with none while entries still
   * wait for what was in one. Rejects with `disk-full`, `disk-failed` or `store-closed`.
   */
  mend(): Promise<readonly LogStretch[]> {
    return this.damage.mend();
  }

  /** What was applied, in order: for those who follow the state. */
  get applied(): AppliedLog {
    return this.#applied;
  }

  /** What pending entries wait for, and whose entries are held: of each the 16 that most wait because of. */
  waiting(): { readonly missing: readonly Missing[]; readonly heldAuthors: readonly HeldAuthor[] } {
    const { guests } = this.#core.waiting;
    const { replacements } = this.#core.state.dag;
    const horizon = this.#options.clock.horizon();
    return {
      missing: missingOf(guests, horizon),
      heldAuthors: heldAuthorsOf(guests, horizon, (...held) => replacements.naming(...held) !== undefined),
    };
  }

  /** Calls back after each commit, in order, once the state has it. Returns what unsubscribes. */
  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#chores.close();
    this.#applied.close();
    this.#snapshots.close();
    this.#longWork.end();
    await Promise.all([this.#inbox.close(), this.#loop.close()]);
    await this.#longWork.ended();
    await this.#core.options.checkpoints?.close();
    await this.#options.storage[Symbol.asyncDispose]();
  }

  #announce(commit: Commit): void {
    for (const listener of this.#listeners) listener(commit);
  }
}
