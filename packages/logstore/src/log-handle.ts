import { assert, equalBytes, type Hash, LatticeError, type LocalRef, valueBytesMax } from '@lattice/model';
import { decodePayload } from '@lattice/proto';
import { followLog, type LogFollowBackend } from './follow-log.js';
import type { Log, LogAdditions, LogFollowOptions, LogItem, LogRangeOptions, LogReads } from './handle.js';
import { logReads } from './log-reads.js';
import { encodeLogOps, operationsIn } from './operations.js';
import { encodePosition } from './position.js';

/** What the handle needs of the store behind it. */
export interface LogBackend extends LogFollowBackend {
  /** Resolves with the entry that the operations share with others, and where in its operations they begin. */
  write(
    operations: Uint8Array,
    options: LogWriteOptions,
  ): Promise<{ readonly ref: LocalRef; readonly offset: number }>;
}

export interface LogWriteOptions {
  /** How many operations it has. */
  readonly count: number;
  /** Whether the `payloadHeadroom` bytes before the operations belong to whoever lays out their entry. */
  readonly hasHeadroom: boolean;
}

/** The typed handle of a store of type "log". */
export function logHandle(backend: LogBackend): Log {
  return new LogHandle(backend);
}

class LogHandle implements Log {
  readonly #backend: LogBackend;
  readonly #reads: LogReads;
  /** Of the entry written last, which many writes may share: which operation begins where. */
  #latest: { readonly entry: Hash; readonly opAt: ReadonlyMap<number, number> } | undefined;

  constructor(backend: LogBackend) {
    this.#backend = backend;
    this.#reads = logReads(backend);
  }

  get count(): number {
    return this.#reads.count;
  }

  async append(value: Uint8Array): Promise<Uint8Array> {
    const [position] = await this.appendBatch([value]);
    assert(position, 'what was appended has a position');
    return position;
  }

  async appendBatch(values: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    for (const value of values) checkValue(value);
    if (values.length === 0) return [];
    const operations = encodeLogOps(values.map((value) => ({ kind: 'append', value })));
    const { ref, offset } = await this.#backend.write(operations, {
      count: values.length,
      hasHeadroom: true,
    });
    const { time, author, hash: entry } = this.#backend.info(ref);
    const first = this.#opAt(ref, entry, offset);
    return values.map((_, i) => encodePosition({ time, author, entry, op: first + i }));
  }

  range(options?: LogRangeOptions): Iterable<LogItem> {
    return this.#reads.range(options);
  }

  tail(count: number): readonly LogItem[] {
    return this.#reads.tail(count);
  }

  follow(options: LogFollowOptions = {}): AsyncIterable<LogAdditions> {
    return followLog(this.#backend, options);
  }

  #opAt(ref: LocalRef, entry: Hash, offset: number): number {
    // Not by its alias, which another entry may have by now.
    if (!this.#latest || !equalBytes(this.#latest.entry, entry)) {
      const { operations } = decodePayload(this.#backend.payload(ref));
      const opAt = new Map([...operationsIn(operations)].map((one, op) => [one.offset, op]));
      this.#latest = { entry, opAt };
    }
    const op = this.#latest.opAt.get(offset);
    assert(op !== undefined, 'a write begins with an operation');
    return op;
  }
}

/** Throws `value-too-large`. */
function checkValue(value: Uint8Array): void {
  if (value.length <= valueBytesMax) return;
  const message = `An item may have ${valueBytesMax} bytes, this one has ${value.length}: split it over several.`;
  throw new LatticeError('value-too-large', message);
}
