import type { LogItem, LogRangeOptions, LogReads } from './handle.js';
import { itemPages, type LogReadBackend } from './log-items.js';
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
    for (const items of itemPages(this.#backend, options)) yield* items;
  }

  tail(count: number): readonly LogItem[] {
    return [...this.range({ reverse: true, limit: count })].reverse();
  }
}
