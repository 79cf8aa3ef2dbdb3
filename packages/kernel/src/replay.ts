import {
  type Bundle,
  type NodeId,
  type Steps,
  type StoreId,
  type Timers,
  TimeSlice,
  type Wrapper,
} from '@lattice/model';
import type { LogItem } from '@lattice/storage';
import { Ingest, type StoreState } from './ingest.js';
import type { LogReader } from './log-reader.js';
import { placing } from './placing.js';
import { trustLogged } from './verify.js';
import type { Waiting, WaitingRoom } from './waiting-room.js';

/** What a replay found. */
export interface Replayed {
  /** Authors of whom an entry came that the rules name: what counts of theirs must be looked at again. */
  readonly awaited: readonly NodeId[];
  /** Bundles of peers that waited for what was replayed. */
  readonly released: readonly Waiting[];
}

/**
 * Brings the state up to the log's end, from its cursor: the tail that a crash left behind, or everything. What lies behind
 * a damaged stretch and needs what was in it waits, as it would have if it had come from a peer.
 */
export function replay(
  state: StoreState,
  reader: LogReader,
  waiting: WaitingRoom,
  genesis: StoreId,
  timers: Timers,
  onBundle: (bundle: Bundle) => void,
): Promise<Replayed> {
  return new Replay(state, reader, waiting, genesis, onBundle).run(new TimeSlice(timers));
}

/** A bundle of the log that was replayed or has to be. */
type Logged = Waiting & { readonly offset: number };

class Replay {
  readonly #state: StoreState;
  readonly #waiting: WaitingRoom;
  readonly #genesis: StoreId;
  readonly #reader: LogReader;
  readonly #ingest: Ingest;
  readonly #onBundle: (bundle: Bundle) => void;
  #items: Iterator<LogItem> = [][Symbol.iterator]();
  readonly #awaited: NodeId[] = [];
  readonly #released: Waiting[] = [];
  /** What was read. */
  #next = 0;
  /** Bundles of the log for which there is nothing to wait any more. */
  readonly #due: Logged[] = [];
  /** Replayed since the last transaction. */
  #replayed: Logged[] = [];
  /** Nothing waits in memory: what lacks an ancestor is passed over, and looked at again from here on. */
  #sweepsFrom: number | undefined;
  #placed = 0;

  constructor(
    state: StoreState,
    reader: LogReader,
    waiting: WaitingRoom,
    genesis: StoreId,
    onBundle: (bundle: Bundle) => void,
  ) {
    this.#state = state;
    this.#reader = reader;
    this.#waiting = waiting;
    this.#genesis = genesis;
    this.#onBundle = onBundle;
    this.#ingest = new Ingest(state);
  }

  /** In transactions as long as a slice, whatever bundles that makes. */
  async run(slice: TimeSlice): Promise<Replayed> {
    do await this.#pass(slice);
    while (this.#waiting.wantsReplay);
    if (this.#waiting.isCrowded) await this.#sweep(slice);
    this.#letGo();
    return { awaited: this.#awaited, released: this.#released };
  }

  async #pass(slice: TimeSlice): Promise<void> {
    this.#begin();
    let item = this.#items.next();
    while (item.done !== true || this.#due.length > 0) {
      const transaction: Wrapper = (work) => {
        const done = this.#ingest.transaction(work);
        this.#release();
        return done;
      };
      item = await slice.finish(this.#steps(item), transaction, () => this.#state.kv.room());
    }
  }

  /**
   * Where what waits takes all the room there is, others behind it may wait for what came later: all that can be placed is
   * placed, however often that takes reading the log. Then what is left is seated.
   */
  async #sweep(slice: TimeSlice): Promise<void> {
    this.#sweepsFrom = this.#state.meta.cursor.offset;
    for (let before = -1; before < this.#placed;) {
      before = this.#placed;
      await this.#pass(slice);
    }
    this.#sweepsFrom = undefined;
    await this.#pass(slice);
  }

  /**
   * A log without a hole in which something waits all the same is one whose loss was accepted. So is one in which something waits
   * that its author has issued again since, whatever holes it has besides.
   */
  #letGo(): void {
    const { holes, kv, meta, dag } = this.#state;
    if (!this.#waiting.hasLogged) return;
    if (holes.isEmpty) this.#waiting.forgetLogged();
    else this.#waiting.letGoOfLogged((bundle) => this.#state.dag.saysAgain(bundle));
    kv.transaction(() => {
      meta.cursor = { offset: this.#waiting.replayFrom(this.#reader.end), nextRef: dag.nextRef };
    });
  }

  /** Also what an earlier replay left waiting lies behind the cursor. */
  #begin(): void {
    this.#waiting.forgetLogged();
    this.#next = this.#state.meta.cursor.offset;
    this.#items = this.#reader.scan(this.#next)[Symbol.iterator]();
  }

  /** What is due, and what the log has from `item` on, until something else is due. Returns the item to go on with. */
  *#steps(item: IteratorResult<LogItem>): Steps<IteratorResult<LogItem>> {
    for (let due = this.#due.shift(); due; due = this.#due.shift()) {
      yield* this.#place(due);
      yield;
    }
    let at = item;
    for (; at.done !== true; at = this.#items.next()) {
      const { value } = at;
      this.#next = value.next;
      const bundle = yield* this.#reader.decoding(value);
      if (bundle) yield* this.#place({ bundle: trustLogged(bundle), from: 'log', offset: value.offset });
      else this.#state.holes.add(value, this.#reader.end);
      yield;
    }
    return at;
  }

  *#place(item: Logged): Steps<void> {
    const { bundle, offset } = item;
    const found = yield* placing(bundle, this.#state.dag.index, this.#genesis);
    this.#waiting.placed(offset);
    if (found.kind === 'missing' && this.#sweepsFrom === undefined) this.#waiting.park(item, found.ancestor);
    if (found.kind !== 'ready') return;
    this.#placed++;
    const next = this.#sweepsFrom ?? this.#waiting.replayFrom(this.#next);
    const { awaited } = yield* this.#ingest.bundle({ bundle, fresh: found.fresh, offset, next });
    this.#awaited.push(...awaited);
    this.#replayed.push(item);
  }

  /** Only once it is committed that what they waited for is there. */
  #release(): void {
    const replayed = this.#replayed;
    this.#replayed = [];
    for (const { bundle } of replayed) this.#onBundle(bundle);
    for (const hash of replayed.flatMap(({ bundle }) => bundle.hashes)) {
      for (const item of this.#waiting.arrived(hash)) {
        const { offset } = item;
        if (offset === undefined) this.#released.push(item);
        else this.#due.push({ ...item, offset });
      }
    }
  }
}
