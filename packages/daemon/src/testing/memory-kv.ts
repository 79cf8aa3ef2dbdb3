import {
  compareBytes,
  equalBytes,
  fromHex,
  type Hash,
  type Hlc,
  hlcFromMs,
  keyBytesMax,
  LatticeError,
  type NodeId,
  toHex,
  valueBytesMax,
} from '@lattice/model';
import type { Kv, KvHead, KvItem, KvListOptions, KvWrite } from '@lattice/node';

/** A key-value store in memory, without history: what a write replaces is gone. */
export class MemoryKv implements Kv {
  readonly #heads = new Map<string, readonly KvHead[]>();
  /** Batches that were applied, in order. */
  readonly batches: (readonly KvWrite[])[] = [];
  #entries = 0;
  /** All keys in order, until one is added. */
  #sorted: Uint8Array[] | undefined;

  constructor(private readonly author: NodeId) {}

  get entries(): number {
    return this.#entries;
  }

  get(key: Uint8Array): KvItem | undefined {
    const [winner, ...others] = this.heads(key);
    return winner?.value === undefined
      ? undefined
      : { key, value: winner.value, conflicted: others.length > 0 };
  }

  heads(key: Uint8Array): readonly KvHead[] {
    checkKey(key);
    return this.#heads.get(toHex(key)) ?? [];
  }

  *list({ prefix, gte, lt, reverse = false, limit = Infinity }: KvListOptions = {}): Iterable<KvItem> {
    this.#sorted ??= [...this.#heads.keys()].sort().map(fromHex);
    const keys = this.#sorted;
    const start = gte === undefined ? 0 : firstNotBefore(keys, gte);
    const end = lt === undefined ? keys.length : firstNotBefore(keys, lt);
    let left = limit;
    for (let i = start; i < end && left > 0; i++) {
      const key = keys[reverse ? end - 1 - (i - start) : i];
      if (key === undefined) return;
      if (prefix !== undefined && !equalBytes(key.subarray(0, prefix.length), prefix)) continue;
      const item = this.get(key);
      if (item === undefined) continue;
      left--;
      yield item;
    }
  }

  put(key: Uint8Array, value: Uint8Array): Promise<void> {
    return this.batch([{ kind: 'put', key, value }]);
  }

  delete(key: Uint8Array): Promise<void> {
    return this.batch([{ kind: 'delete', key }]);
  }

  async batch(writes: readonly KvWrite[]): Promise<void> {
    for (const write of writes) checkWrite(write);
    this.#entries++;
    this.batches.push(writes);
    for (const [op, write] of writes.entries()) {
      const value = write.kind === 'put' ? write.value : undefined;
      this.#set(write.key, [this.#head(value, op, this.author)]);
    }
  }

  /** Another author's write that has not seen those here: a conflict, in which it loses. */
  addConcurrent(key: Uint8Array, value: Uint8Array | undefined, author: NodeId): void {
    this.#entries++;
    this.#set(key, [...this.heads(key), this.#head(value, 0, author)]);
  }

  #set(key: Uint8Array, heads: readonly KvHead[]): void {
    const before = this.#heads.size;
    this.#heads.set(toHex(key), heads);
    if (this.#heads.size !== before) this.#sorted = undefined;
  }

  #head(value: Uint8Array | undefined, op: number, author: NodeId): KvHead {
    const entry = new Uint8Array(32).fill(this.#entries) as Hash;
    return { value, author, time: memoryTime(this.#entries), entry, op };
  }
}

/** Where the first key at or after `key` stands. */
function firstNotBefore(keys: readonly Uint8Array[], key: Uint8Array): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle];
    if (found !== undefined && compareBytes(found, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The time of the n-th entry: a second after the one before it. */
function memoryTime(n: number): Hlc {
  return hlcFromMs(Date.UTC(2024, 0, 1) + n * 1_000);
}

function checkWrite(write: KvWrite): void {
  checkKey(write.key);
  if (write.kind === 'put' && write.value.length > valueBytesMax)
    throw new LatticeError('value-too-large', `A value has at most ${valueBytesMax} bytes.`);
}

function checkKey(key: Uint8Array): void {
  if (key.length === 0) throw new LatticeError('key-empty', 'A key has at least one byte.');
  if (key.length > keyBytesMax)
    throw new LatticeError('key-too-large', `A key has at most ${keyBytesMax} bytes.`);
}
