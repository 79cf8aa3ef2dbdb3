import type { NodeId, StoreId, Timers } from '@lattice/model';
import { ingest, type StoreState } from './ingest.js';
import { decodeRecord, type LogReader } from './log-reader.js';
import { placeBundle } from './placing.js';
import { TimeSlice } from './time-slice.js';
import { trustOwn } from './verify.js';
import type { Waiting, WaitingRoom } from './waiting-room.js';

/** What a replay found. */
export interface Replayed {
  readonly records: number;
  /** Stretches of the log that hold nothing intact. */
  readonly damaged: number;
  /** Authors of whom an entry came that the rules name: what counts of theirs must be looked at again. */
  readonly awaited: readonly NodeId[];
  /** Bundles of peers that waited for what was replayed. */
  readonly released: readonly Waiting[];
}

/**
 * Brings the state up to the log's end, from its cursor: the tail that a crash left behind, or everything. What lies behind
 * a damaged stretch and needs what was in it waits, as it would have if it had come from a peer.
 */
export async function replay(
  state: StoreState,
  reader: LogReader,
  waiting: WaitingRoom,
  genesis: StoreId,
  timers: Timers,
): Promise<Replayed> {
  const slice = new TimeSlice(timers);
  const replaying = new Replay(state, waiting, genesis);
  let records = 0;
  let damaged = 0;
  do {
    // Also what an earlier replay left waiting lies behind the cursor.
    waiting.forgetLogged();
    for (const item of reader.scan(state.meta.cursor.offset)) {
      if (item.kind === 'damaged') damaged++;
      else {
        records++;
        const bundle = trustOwn(decodeRecord(item.record));
        replaying.bundle({ bundle, from: 'log', offset: item.offset }, item.next);
      }
      await slice.rest();
    }
  } while (waiting.wantsReplay);
  return { records, damaged, awaited: replaying.awaited, released: replaying.released };
}

class Replay {
  readonly awaited: NodeId[] = [];
  readonly released: Waiting[] = [];
  readonly #state: StoreState;
  readonly #waiting: WaitingRoom;
  readonly #genesis: StoreId;

  constructor(state: StoreState, waiting: WaitingRoom, genesis: StoreId) {
    this.#state = state;
    this.#waiting = waiting;
    this.#genesis = genesis;
  }

  /** Lets a bundle of the log in, and those of the log that waited for it. `next`: where the one behind it begins. */
  bundle(first: Waiting, next: number): void {
    const todo: Waiting[] = [first];
    for (let item = todo.shift(); item; item = todo.shift()) {
      if (item.offset === undefined) this.released.push(item);
      else todo.push(...this.#place(item, item.offset, next));
    }
  }

  /** Returns what waited for it. */
  #place(item: Waiting, offset: number, next: number): readonly Waiting[] {
    const { bundle } = item;
    const placing = placeBundle(bundle, this.#state.dag.index, this.#genesis);
    this.#waiting.placed(offset);
    if (placing.kind === 'missing') this.#waiting.park(item, placing.ancestor);
    if (placing.kind !== 'ready') return [];
    const replayed = { bundle, fresh: placing.fresh, offset, next: this.#waiting.replayFrom(next) };
    this.awaited.push(...ingest(this.#state, replayed).awaited);
    return bundle.hashes.flatMap((hash) => this.#waiting.arrived(hash));
  }
}
