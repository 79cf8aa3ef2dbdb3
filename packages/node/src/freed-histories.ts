import { loggedUpTo, Replica } from '@lattice/kernel';
import { assert, LatticeError } from '@lattice/model';
import { decodeGenesis } from '@lattice/proto';
import type { OrderedKv } from '@lattice/storage';
import type { NodeContext } from './context.js';
import { machineFor } from './machines.js';
import { Notes } from './notes.js';

const table = 'freed-histories';

/** Of a damaged log nobody can say how far it went. */
const unknownSeq = Number.MAX_SAFE_INTEGER;

/**
 * How far this node had written in stores whose data was freed. Should such a store come back, writing there from the
 * beginning again would part this node's own history in two: it waits until peers have brought back what there was.
 */
export class FreedHistories {
  readonly #context: NodeContext;
  readonly #notes: Notes;
  /** Stores of which that is known, so that not every write looks it up. */
  readonly #back = new Set<string>();

  constructor(context: NodeContext) {
    this.#context = context;
    this.#notes = new Notes(context.storage.meta, table);
  }

  /** Of a key that this node has no more: what was written with the one that it has, nothing was freed of. */
  static forget(meta: OrderedKv): void {
    const notes = new Notes(meta, table);
    for (const [store] of [...notes.all()]) notes.remove(store);
  }

  /** To be called before the data of a closed store is removed, by UUID. Rejects with `store-not-found`. */
  async remember(store: string): Promise<void> {
    const seq = Math.max(this.#seqOf(store), await this.#writtenIn(store));
    if (seq > 0) this.#notes.put(store, String(seq));
  }

  /** Throws `history-freed` where what this node wrote in the store is not all back yet. */
  requireBack(store: string, replica: Replica): void {
    if (this.#back.has(store)) return;
    const seq = this.#seqOf(store);
    if (replica.ownSeq() >= seq) {
      if (seq > 0) this.#notes.remove(store);
      this.#back.add(store);
      return;
    }
    throw new LatticeError(
      'history-freed',
      'What this node had written in that store was freed when the store was deleted: sync with a member that still has it before writing, or make a new store.',
    );
  }

  #seqOf(store: string): number {
    const text = this.#notes.get(store);
    return text === undefined ? 0 : Number(text);
  }

  async #writtenIn(store: string): Promise<number> {
    const { key, hlc: clock, timers, random } = this.#context;
    const storage = await this.#context.storage.openStore(store, loggedUpTo);
    const genesis = decodeGenesis(storage.genesis);
    assert(genesis.kind === 'store', 'only stores of a mesh are freed so');
    const machine = machineFor(genesis.type);
    await using replica = await Replica.open({ genesis, storage, machine, key, clock, timers, random });
    return replica.status().damaged ? unknownSeq : replica.ownSeq();
  }
}
