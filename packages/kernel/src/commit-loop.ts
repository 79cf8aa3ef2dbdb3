import {
  type Admission,
  assert,
  hlcZero,
  type LocalRef,
  type NodeId,
  type StoreId,
  TimeSlice,
} from '@lattice/model';
import { busyError, closedError, damagedError, tooLargeError, unknownTypeError } from './commit-refusals.js';
import { ClockRepair, type ClockRepaired, type Stranded, strandedOf } from './clock-repair.js';
import type { Admittance, Commit, Written } from './commit.js';
import { Commits } from './commits.js';
import type { HybridClock } from './hybrid-clock.js';
import type { LeftBehind } from './left-behind.js';
import { placing } from './placing.js';
import type { OwnChain } from './own-chain.js';
import { OwnStanding } from './own-standing.js';
import type { OwnBranchOptions } from './own-branch.js';
import { RecountPace } from './recount-pace.js';
import type { ReplicaCore } from './replica-core.js';
import { reissue, type Reissued } from './reissue.js';
import type { Sealed, Sealer } from './sealer.js';
import type { VerifiedBundle } from './verify.js';
import type { Sender, Waiting } from './waiting-room.js';
import { WorkQueue } from './work-queue.js';
import {
  firstOps,
  type Judged,
  judged,
  payloadOf,
  reasonOf,
  type Write,
  type WriteOptions,
} from './write.js';
import { operationsBytesMax, takeWrites, type WritesOfEntry } from './writes-together.js';

/**
 * So much may wait for its entry. Whoever awaits its writes never gets there; whoever does not is refused, as to let it
 * wait would only move what it asked for into another queue.
 */
const waitingWritesMax = 100_000;
const waitingBytesMax = 64 * 1024 * 1024;

/** So many turns may pass until what was replaced is gone from the state, while there is always something else to do. */
const recountTurnsMax = 1_024;

/** Whoever waits for all to be settled is not kept for ever by what goes on arriving. */
const settlingRoundsMax = 1_024;

/** Whoever writes again as soon as a write is done has asked for it after so many turns of the queue of microtasks. */
const turnsToWriteAgain = 8;

export interface CommitLoopOptions {
  readonly own: OwnChain;
  readonly self: NodeId;
  readonly store: StoreId;
  readonly sealer: Sealer;
  readonly clock: HybridClock;
  readonly onCommit: (commit: Commit) => void;
  /** Something is held now that was not before. */
  readonly onHeld: () => void;
  /** The state could not be brought up to the log: the next that is asked for tries again. */
  readonly onBehind: () => void;
}

/**
 * The only writer of a store: one commit after the other. Own writes that arrive while
 * a commit is in flight share the next entry: one hash, one signature and one fsync for all of them.
 */
export class CommitLoop {
  readonly #core: ReplicaCore;
  readonly #options: CommitLoopOptions;
  readonly #own: OwnChain;
  readonly #standing: OwnStanding;
  readonly #writes = new WorkQueue<Write, Written>(({ operations }) => operations.length);
  readonly #arrivals = new WorkQueue<Waiting, Admittance>();
  readonly #admissions = new WorkQueue<Admission, void>();
  readonly #turns = new WorkQueue<() => Promise<void>, void>();
  readonly #slice: TimeSlice;
  readonly #recountPace: RecountPace;
  readonly #commits: Commits;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(core: ReplicaCore, options: CommitLoopOptions) {
    this.#core = core;
    this.#options = options;
    this.#own = options.own;
    this.#standing = new OwnStanding(options.self, options.clock);
    this.#slice = new TimeSlice(core.options.timers);
    this.#recountPace = new RecountPace(core.options.timers, () => {
      this.inTurn(() => Promise.resolve()).catch(() => undefined);
    });
    this.#commits = new Commits(core, {
      ...options,
      slice: this.#slice,
      onReleased: (waiting) => this.#retry(waiting),
      onReplayWanted: () => void this.inTurn(() => Promise.resolve()).catch(() => undefined),
    });
  }

  /** Encoded operations, which stay together in one entry. */
  write(operations: Uint8Array, options: WriteOptions): Promise<Written> {
    if (operations.length > operationsBytesMax) return Promise.reject(tooLargeError(operations));
    if (this.#writes.length >= waitingWritesMax || this.#writes.bytes + operations.length > waitingBytesMax)
      return Promise.reject(busyError(this.#writes));
    return this.#ask(this.#writes, { operations, ...options });
  }

  admit(bundle: VerifiedBundle, from: Sender): Promise<Admittance> {
    return this.#ask(this.#arrivals, { bundle, from });
  }

  adopt(admission: Admission): Promise<void> {
    return this.#ask(this.#admissions, admission);
  }

  /**
   * Runs that while nothing is written, admitted or recounted, the log and the state being in step: readers alone see
   * what goes on meanwhile, so it is to be short, or worth the wait.
   */
  inTurn(work: () => Promise<void>): Promise<void> {
    return this.#ask(this.#turns, work);
  }

  /** What this node wrote that lies beyond the horizon. */
  stranded(): Stranded | undefined {
    return strandedOf(this.#core.state.dag, this.#own.current(), this.#options.clock.horizon());
  }

  /** Writes again, under the clock as it is now, what one that was wrong dated too far ahead; `undefined`: there is nothing of it. */
  async repairClock(): Promise<ClockRepaired | undefined> {
    let repaired: ClockRepaired | undefined;
    await this.inTurn(async () => {
      this.#commits.observeKept();
      const own = this.#own.current();
      if (!own || !this.stranded()) return;
      this.#requireWhole();
      const repair = new ClockRepair(this.#core, own, this.#options.clock);
      const { tip, ...done } = await repair.run(this.#ownBranch);
      this.#own.remember(tip);
      await this.#recountIfDue({ now: true });
      repaired = done;
    });
    return repaired;
  }

  /** Issues again what of that this node wrote: see `reissue`. To be called in a turn. */
  async reissue(left: LeftBehind): Promise<Reissued> {
    const reissued = await reissue(this.#core, left, this.#own.current(), this.#ownBranch);
    const { tip } = reissued;
    if (tip && tip.time > (this.#own.current()?.tipTime ?? hlcZero)) this.#own.remember(tip.hash);
    await this.#recountIfDue({ now: true });
    return reissued;
  }

  /** Lets in what was held and is now within the horizon. */
  releaseDue(): void {
    this.#retry(this.#core.waiting.due(this.#options.clock.horizon()));
  }

  /** Resolves when everything that was asked for until now is done, with all that it let in. */
  async settled(): Promise<void> {
    // What arrives may let in what waited for it, which is then in the queue.
    for (let round = 0; round === 0 || (this.#arrivals.length > 0 && round < settlingRoundsMax); round++)
      await Promise.all([this.#writes, this.#arrivals, this.#admissions].map((queue) => queue.answered()));
    // Before a turn the state is brought in line.
    if (!this.#closed) await this.inTurn(async () => undefined).catch(() => undefined);
  }

  /** Finishes the commit in flight and refuses the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#recountPace.close();
    const error = closedError();
    for (const queue of [this.#writes, this.#arrivals, this.#admissions, this.#turns]) queue.rejectAll(error);
    await this.#running;
    this.#commits.close();
  }

  #ask<Request, Reply>(queue: WorkQueue<Request, Reply>, request: Request): Promise<Reply> {
    if (this.#closed) return Promise.reject(closedError());
    const reply = queue.ask(request);
    this.#running ??= this.#run();
    return reply;
  }

  async #run(): Promise<void> {
    // A turn of the microtask queue, so that what is asked in the same breath shares a commit.
    await Promise.resolve();
    this.#slice.begin();
    const queues = [this.#writes, this.#arrivals, this.#admissions, this.#turns];
    let turns = 0;
    while (queues.some(({ length }) => length > 0)) {
      if (this.#slice.isOver) await this.#slice.rest();
      await this.#serve(this.#admissions, (admission) => this.#adopt(admission));
      await this.#serveWrites();
      if (await this.#isWrittenOn()) continue;
      await this.#commits.settle();
      await this.#serve(this.#arrivals, (waiting) => this.#place(waiting));
      const now = this.#turns.length > 0;
      if (now || this.#arrivals.length === 0 || ++turns % recountTurnsMax === 0)
        await this.#recountIfDue({ now });
      await this.#serve(this.#turns, (work) => work());
    }
    this.#running = undefined;
  }

  async #serve<Request, Reply>(
    queue: WorkQueue<Request, Reply>,
    work: (request: Request) => Promise<Reply>,
  ): Promise<void> {
    const item = queue.shift();
    if (!item) return;
    try {
      await this.#commits.settle();
      await this.#commits.mend();
      item.resolve(await work(item.request));
    } catch (error) {
      item.reject(error);
    }
  }

  async #serveWrites(): Promise<void> {
    let left = takeWrites(this.#writes, this.#commits.mayShareAppends);
    if (left.length === 0) return;
    try {
      await this.#commits.mend();
      while (left.length > 0) {
        const committed = await this.#commitOwn(left.map((items) => items.map(({ request }) => request)));
        committed.forEach((each, i) => answer(left[i] as WritesOfEntry, each));
        left = left.slice(committed.length);
      }
    } catch (error) {
      for (const item of left.flat()) item.reject(error);
    }
  }

  /** Whether what was just written is only followed by writes: then the disk takes the next ones while the state follows. */
  async #isWrittenOn(): Promise<boolean> {
    if (!this.#commits.isTrailing) return false;
    for (let turn = 0; turn < turnsToWriteAgain; turn++) await Promise.resolve();
    const others = [this.#admissions, this.#arrivals, this.#turns];
    return this.#writes.length > 0 && others.every(({ length }) => length === 0);
  }

  /** Commits what the first of these entries is to have, and what others are that can be sealed with it. */
  async #commitOwn(entries: readonly (readonly Write[])[]): Promise<readonly CommittedWrites[]> {
    const { machine } = this.#core.options;
    if (!machine) throw unknownTypeError();
    this.#requireWhole();
    for (;;) {
      const verdicts = entries.map(judged);
      const sealed = this.#sealEach(machine.version, verdicts);
      if (sealed.length === 0) return verdicts.slice(0, 1).map((verdict) => ({ verdict, ops: [] }));
      const refs = await this.#commits.own(sealed);
      if (sealed.some(({ kind }) => kind === 'merge')) continue;
      return sealed.map(({ hash }, i) => {
        const verdict = verdicts[i] as Judged;
        const ops = firstOps(entries[i] ?? [], verdict, machine);
        return { verdict, sealed: { entry: hash, ref: refs[i] as LocalRef }, ops };
      });
    }
  }

  /**
   * None where nothing is let into the first one; and only the first where that does not come to be the only head. Throws
   * `clock-behind`.
   */
  #sealEach(version: number, verdicts: readonly Judged[]): readonly Sealed[] {
    const { sealer } = this.#options;
    let { last } = this.#commits;
    const all: Sealed[] = [];
    for (const { letIn } of verdicts) {
      if (letIn.length === 0 || (all.length > 0 && !last)) break;
      const payload = payloadOf(version, letIn);
      const sealed = last
        ? sealer.sealBehind(last, payload)
        : sealer.seal(this.#core.state.dag, this.#own.current(), payload);
      this.#standing.requireTimely(sealed, last ? undefined : this.#core.state.dag);
      all.push(sealed);
      last = sealed.isOnlyHead ? sealed : undefined;
    }
    return all;
  }

  get #ownBranch(): OwnBranchOptions {
    const { self: author, sealer } = this.#options;
    const commit = (bundle: VerifiedBundle) =>
      this.#commits.commit(bundle, [...bundle.entries.keys()], 'local');
    return { author, sealer, commit };
  }

  #requireWhole(): void {
    if (this.#core.isDamaged(this.#options.self)) throw damagedError(this.#core.options.projectUncounted);
  }

  async #adopt(admission: Admission): Promise<void> {
    await this.#commits.inStep(() => this.#core.adopt(admission));
    this.#commits.observeKept();
  }

  async #place(waiting: Waiting): Promise<Admittance> {
    const { bundle, from } = waiting;
    const { self, store } = this.#options;
    const placed = await this.#slice.finish(placing(bundle, this.#core.state.dag.index, store, self));
    if (waiting.offset !== undefined) this.#core.waiting.placed(waiting.offset);
    switch (placed.kind) {
      case 'known':
      case 'refused':
        return placed;
      case 'missing':
        this.#core.waiting.park(waiting, placed.ancestor);
        return { kind: 'pending' };
      case 'ready':
        if (placed.latest > this.#options.clock.horizon() && waiting.offset === undefined) {
          this.#core.waiting.hold(waiting, placed.latest);
          this.#options.onHeld();
          return { kind: 'held' };
        }
        await this.#slice.restBefore();
        await this.#commits.commit(bundle, placed.fresh, from, waiting.offset);
        return { kind: 'admitted', entries: placed.fresh.length };
    }
  }

  /**
   * Takes what was replaced after it was applied out of the state. What is replaced meanwhile waits for the next time; so does
   * all of it in a pause, unless that has to be `now`.
   */
  async #recountIfDue({ now }: { readonly now: boolean }): Promise<void> {
    if (this.#closed) return;
    try {
      if (!this.#core.isRecountDue || (!now && this.#recountPace.mustWait())) return;
      await this.#commits.mend();
      if (this.#core.isRecountDue)
        await this.#commits.inStep(() => this.#recountPace.time(() => this.#core.recount()));
    } catch {
      // Whoever writes or hands something over next is told: it is mended before anything else.
    }
  }

  /** What waited is placed again, behind what else has arrived; nobody waits for the outcome. */
  #retry(waiting: readonly Waiting[]): void {
    for (const item of waiting) this.#ask(this.#arrivals, item).catch(() => undefined);
  }
}

interface CommittedWrites {
  readonly verdict: Judged;
  /** Absent where every write was refused. */
  readonly sealed?: Pick<Written, 'entry' | 'ref'>;
  /** Of each write, the index of its first operation. */
  readonly ops: readonly number[];
}

/** Also the refused hear of it only now: whoever reads the state again finds what they were refused for. */
function answer(items: WritesOfEntry, { verdict, sealed, ops }: CommittedWrites): void {
  let offset = 0;
  items.forEach((item, i) => {
    const refusal = verdict.refusals[i];
    if (refusal) return item.reject(reasonOf(refusal));
    const op = ops[i];
    assert(sealed && op !== undefined, 'what was let in is in an entry');
    item.resolve({ entry: sealed.entry, ref: sealed.ref, offset, op });
    offset += item.request.operations.length;
  });
}
