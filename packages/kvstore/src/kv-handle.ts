import type { AppliedLog, Dot, StoreId } from '@lattice/model';
import { checkKey, checkValue } from './check.js';
import { type HeadsCheck, headsCheck } from './conditions.js';
import type {
  Kv,
  KvChanges,
  KvCondition,
  KvHead,
  KvItem,
  KvListOptions,
  KvReads,
  KvWatchOptions,
  KvWrite,
} from './handle.js';
import { type KvReadBackend, kvReads } from './kv-reads.js';
import { encodeKvOps, encodeSmallKvOp, isSmall, type KvOp } from './operations.js';
import { watchKv } from './watch.js';

/** What the handle needs of the store behind it. */
export interface KvBackend extends KvReadBackend {
  readonly id: StoreId;
  readonly applied: AppliedLog;
  write(operations: Uint8Array, options?: KvWriteOptions): Promise<Dot>;
}

export interface KvWriteOptions {
  /** How many operations it has. */
  readonly count: number;
  /** Whether the `payloadHeadroom` bytes before the operations belong to whoever lays out their entry. */
  readonly hasHeadroom: boolean;
  /** Is asked when the entry is sealed, and told of the operations that are in it already: why not, if not. */
  readonly check?: HeadsCheck;
}

/** The typed handle of a store of type "kv". */
export function kvHandle(backend: KvBackend): Kv {
  return new KvHandle(backend);
}

class KvHandle implements Kv {
  readonly #backend: KvBackend;
  readonly #reads: KvReads;

  constructor(backend: KvBackend) {
    this.#backend = backend;
    this.#reads = kvReads(backend);
  }

  get(key: Uint8Array): KvItem | undefined {
    return this.#reads.get(key);
  }

  heads(key: Uint8Array): readonly KvHead[] {
    return this.#reads.heads(key);
  }

  list(options?: KvListOptions): Iterable<KvItem> {
    return this.#reads.list(options);
  }

  put(key: Uint8Array, value: Uint8Array, condition?: KvCondition): Promise<Dot> {
    return this.#one({ kind: 'put', key, value }, condition);
  }

  delete(key: Uint8Array, condition?: KvCondition): Promise<Dot> {
    return this.#one({ kind: 'delete', key }, condition);
  }

  async batch(writes: readonly KvWrite[]): Promise<readonly Dot[]> {
    for (const write of writes) checkWrite(write);
    if (writes.length === 0) return [];
    const check = headsCheck(this.#backend, writes);
    const options = { count: writes.length, hasHeadroom: true, ...(check && { check }) };
    const { entry, op } = await this.#backend.write(encodeKvOps(writes), options);
    return writes.map((_, i) => ({ entry, op: op + i }));
  }

  async #one(write: KvOp, condition: KvCondition | undefined): Promise<Dot> {
    checkWrite(write);
    const check = condition && headsCheck(this.#backend, [{ ...condition, ...write }]);
    const hasHeadroom = !isSmall(write);
    const operations = hasHeadroom ? encodeKvOps([write]) : encodeSmallKvOp(write);
    const { entry, op } = await this.#backend.write(operations, {
      count: 1,
      hasHeadroom,
      ...(check && { check }),
    });
    return { entry, op };
  }

  watch(options: KvWatchOptions = {}): AsyncIterable<KvChanges> {
    return watchKv(this.#backend, options);
  }
}

function checkWrite(write: KvOp): void {
  checkKey(write.key);
  if (write.kind === 'put') checkValue(write.value);
}
