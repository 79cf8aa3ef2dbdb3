import {
  type Applied,
  type Entry,
  type EntryInfo,
  type Hash,
  LatticeError,
  type LocalDot,
  type LocalRef,
  type Notice,
  type StateTxn,
  type StateView,
} from '@lattice/model';
import type { OrderedKv } from '@lattice/storage';
import type { Dag } from './dag.js';
import type { EntryRecord } from './entry-record.js';
import type { MetaTable } from './meta-table.js';
import { type AnyMachine, readOperations } from './operations.js';

/**
 * Applies entries to the machine's state. The state lives in a table of its own, named by generation, so that another one
 * can be built beside it and take its place in one transaction. Without a machine (a type that this node does not know)
 * entries are replicated and not applied.
 */
export class Projection {
  readonly #kv: OrderedKv;
  readonly #meta: MetaTable;
  readonly #machine: AnyMachine | undefined;
  #table: StateTxn;

  constructor(kv: OrderedKv, meta: MetaTable, machine: AnyMachine | undefined) {
    this.#kv = kv;
    this.#meta = meta;
    this.#machine = machine;
    this.#table = kv.table(this.tableName);
  }

  /** The state as it is now. Ask for it anew for each read: a rebuild replaces it. */
  get state(): StateView {
    return this.#table;
  }

  /** Which table that is. */
  get tableName(): string {
    return this.#name(this.#generation);
  }

  /** Whether the state was computed by this version of the machine. */
  get isCurrent(): boolean {
    return (this.#meta.number('machine-version') ?? 0) === (this.#machine?.version ?? 0);
  }

  /** Applies one entry; inside a transaction. `tell` is told what that brought about. */
  apply(entry: Entry, record: EntryRecord, dag: Dag, tell: Tell): void {
    this.#applyTo(this.#table, entry, record, dag, tell);
  }

  /** Begins an empty state beside the one in use. */
  async beginRebuild(): Promise<Rebuild> {
    const generation = this.#generation + 1;
    await this.#kv.dropTable(this.#name(generation));
    this.#kv.transaction(() => this.#meta.setNumber('other-generation', generation));
    const table = this.#kv.table(this.#name(generation));
    return {
      apply: (entry, record, dag) => this.#applyTo(table, entry, record, dag, tellNobody),
      put: (key, value) => table.put(key, value),
      swap: () => {
        this.#meta.setNumber('generation', generation);
        this.#meta.setNumber('other-generation', generation - 1);
        this.#meta.setNumber('machine-version', this.#machine?.version ?? 0);
        this.#table = table;
      },
      discardOld: () => this.#dropOther(generation - 1),
    };
  }

  /** To be called once when the state is opened: drops one that a crash left beside it. */
  async tidy(): Promise<void> {
    const other = this.#meta.number('other-generation');
    if (other === undefined) return;
    try {
      await this.#dropOther(other);
    } catch (error) {
      // It takes room, no more: the next opening finds it again.
      if (!(error instanceof LatticeError && error.code === 'disk-full')) throw error;
    }
  }

  async #dropOther(generation: number): Promise<void> {
    await this.#kv.dropTable(this.#name(generation));
    this.#kv.transaction(() => this.#meta.remove('other-generation'));
  }

  get #generation(): number {
    return this.#meta.number('generation') ?? 0;
  }

  #name(generation: number): string {
    return `state-${generation}`;
  }

  #applyTo(table: StateTxn, entry: Entry, record: EntryRecord, dag: Dag, tell: Tell): void {
    const machine = this.#machine;
    if (!machine || entry.payload.length === 0) return;
    const read = readOperations(machine, entry.payload);
    switch (read.kind) {
      case 'operations':
        read.operations.forEach((operation, op) =>
          machine.apply(operation, new Place(dag, entry, record, op, tell), table),
        );
        return;
      // What every node skips is recorded.
      case 'newer':
        this.#meta.increment('needs-upgrade');
        return;
      case 'invalid':
        this.#meta.increment('invalid');
        return;
    }
  }
}

/** Is told what applying an entry brought about. */
export type Tell = (notice: Notice) => void;

export const tellNobody: Tell = () => undefined;

export interface Rebuild {
  /** Inside a transaction. */
  apply(entry: Entry, record: EntryRecord, dag: Dag): void;
  /** What was computed elsewhere; inside a transaction. */
  put(key: Uint8Array, value: Uint8Array): void;
  /** Puts the new state in the old one's place; inside a transaction. */
  swap(): void;
  /** After the swap is committed, outside of a transaction. */
  discardOld(): Promise<void>;
}

/** An operation's place in history, as the machine asks for it. */
class Place implements Applied {
  readonly ref: LocalRef;
  readonly op: number;
  readonly author: Entry['author'];
  readonly time: EntryRecord['time'];
  readonly #dag: Dag;
  readonly #record: EntryRecord;
  readonly #tell: Tell;

  constructor(dag: Dag, entry: Entry, record: EntryRecord, op: number, tell: Tell) {
    this.#dag = dag;
    this.#record = record;
    this.#tell = tell;
    this.ref = record.ref;
    this.op = op;
    this.author = entry.author;
    this.time = record.time;
  }

  get dot(): { readonly entry: Hash; readonly op: number } {
    return { entry: this.#record.hash, op: this.op };
  }

  sees(other: LocalDot): boolean {
    if (other.ref === this.ref) return other.op < this.op;
    return this.#dag.causality.recordSees(this.#record, other.ref);
  }

  info(ref: LocalRef): EntryInfo {
    return this.#dag.index.info(ref);
  }
  notice(notice: Notice): void {
    this.#tell(notice);
  }
}
