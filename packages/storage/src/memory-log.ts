import { assert, LatticeError } from '@lattice/model';
import { type Log, type LogItem, type LogStretch, recordBytesMax } from './log.js';

/** `Log` in memory. What it holds outlives it in its `MemoryLogContent`, as a file outlives whoever has it open. */
export class MemoryLog implements Log {
  #open = true;
  #appending = false;

  constructor(private readonly content = new MemoryLogContent()) {}

  get end(): number {
    return this.content.end;
  }

  async append(records: readonly Uint8Array[]): Promise<readonly number[]> {
    this.#assertOpen();
    assert(!this.#appending, 'one append at a time');
    for (const { length } of records)
      assert(length > 0 && length <= recordBytesMax, 'a record has 1 to 2 Mi bytes');
    const copies = records.map((record) => record.slice());
    this.#appending = true;
    // As with a disk, the caller goes on first; a crash or a close in between means that nothing was appended.
    await Promise.resolve();
    this.#appending = false;
    if (!this.#open)
      throw new LatticeError('disk-failed', 'The log was closed before the records were synced.');
    return this.content.append(copies);
  }

  read(offset: number): Uint8Array {
    this.#assertOpen();
    const item = this.content.itemAt(offset);
    if (item?.kind !== 'record')
      throw new LatticeError('log-damaged', `The log has no intact record at ${offset}.`);
    return item.record.slice();
  }

  *scan(from: number): Iterable<LogItem> {
    this.#assertOpen();
    const { end } = this;
    for (const item of this.content.itemsFrom(from)) {
      if (item.offset >= end) return;
      yield item.kind === 'record' ? { ...item, record: item.record.slice() } : item;
    }
  }

  mend({ offset }: LogStretch): Promise<void> {
    this.#assertOpen();
    assert(!this.#appending, 'nothing is mended while an append is under way');
    this.content.mend(offset);
    return Promise.resolve();
  }

  close(): void {
    this.#open = false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #assertOpen(): void {
    assert(this.#open, 'the log is open');
  }
}

/** What a `MemoryLog` holds, laid out with gaps as in a file, so that nobody comes to rely on dense offsets. */
export class MemoryLogContent {
  readonly #items: LogItem[] = [];
  readonly #indexOf = new Map<number, number>();
  readonly #mended = new Set<number>();
  #end = 64;
  #failure: LatticeError | undefined;

  get end(): number {
    return this.#end;
  }

  append(records: readonly Uint8Array[]): readonly number[] {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    return records.map((record) => {
      const offset = this.#end;
      this.#end = offset + Math.ceil((record.length + 12) / 8) * 8;
      this.#indexOf.set(offset, this.#items.length);
      this.#items.push({ kind: 'record', offset, next: this.#end, record });
      return offset;
    });
  }

  itemAt(offset: number): LogItem | undefined {
    const index = this.#indexOf.get(offset);
    return index === undefined ? undefined : this.#items[index];
  }

  *itemsFrom(offset: number): Iterable<LogItem> {
    const index = offset < 64 ? 0 : (this.#indexOf.get(offset) ?? this.#items.length);
    for (let i = index; i < this.#items.length; i++) {
      const item = this.#items[i] as LogItem;
      if (!this.#mended.has(item.offset)) yield item;
    }
  }

  /** Loses the record at that offset, as a bad sector does. */
  damage(offset: number): void {
    const index = this.#indexOf.get(offset);
    assert(index !== undefined, 'there is a record at that offset');
    const { next } = this.#items[index] as LogItem;
    this.#items[index] = { kind: 'damaged', offset, next };
  }

  /** From here on a scan passes over what lies there. */
  mend(offset: number): void {
    this.damage(offset);
    this.#mended.add(offset);
  }

  /** Makes the next append fail, having appended nothing. */
  failNextAppend(code: 'disk-full' | 'disk-failed'): void {
    this.#failure = new LatticeError(code, 'The disk in memory was told to fail.');
  }
}
