import type { LogItem, LogRangeOptions, LogReads } from './handle.js';
import { itemAt, type LogReadBackend, recordsIn } from './log-items.js';
import { totalsOf } from './totals.js';

/** What a store of type "log" holds, or held. */
export function logReads(backend: LogReadBackend): LogReads {
  return new LogReader(backend);
}

class LogReader implements LogReads {
  readonly #backend: LogReadBackend;

  constructor(backend: LogReadBackend) {
    this.#backend = backend;
  }

  get count(): number {
    return totalsOf(this.#backend.state).count;
  }

  *range(options: LogRangeOptions = {}): Iterable<LogItem> {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    if (left <= 0) return;
    for (const { position, record } of recordsIn(this.#backend, options)) {
      yield itemAt(this.#backend, position, record);
      if (--left <= 0) return;
    }
  }

  tail(count: number): readonly LogItem[] {
    return [...this.range({ reverse: true, limit: count })].reverse();
  }
}
