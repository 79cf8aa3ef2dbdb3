import type { KvSnapshot, OrderedKv, Table } from '@lattice/storage';

/** A store that does what another one does, but for what is written over. */
export abstract class ForwardingKv<Kv extends OrderedKv> implements OrderedKv {
  constructor(protected readonly kv: Kv) {}

  table(name: string): Table {
    return this.kv.table(name);
  }

  dropTable(name: string): Promise<void> {
    return this.kv.dropTable(name);
  }

  transaction<T>(work: () => T): T {
    return this.kv.transaction(work);
  }

  snapshot(): KvSnapshot {
    return this.kv.snapshot();
  }

  clear(): Promise<void> {
    return this.kv.clear();
  }

  room(): Promise<void> {
    return this.kv.room();
  }

  requireRoom(): void {
    this.kv.requireRoom();
  }

  flush(): Promise<void> {
    return this.kv.flush();
  }

  abstract [Symbol.asyncDispose](): Promise<void>;
}
