import { type Bundle, equalBytes, type NodeId, type Steps, type StoreId, unreachable } from '@lattice/model';
import type { Log, LogItem } from '@lattice/storage';
import { decodingRecord, type LogRecord } from './log-reader.js';
import { verifying } from './verify.js';

/** What was verified so far. */
export interface LogTally {
  readonly entries: number;
  readonly bundles: number;
  /** One per chain and bundle. */
  readonly signatures: number;
}

/** What can be wrong with a stretch of the log. */
export type LogProblem =
  /** A checksum that does not fit, or no record at all. */
  | { readonly kind: 'log-damaged'; readonly offset: number }
  /** The checksum fits, but it is no bundle. */
  | { readonly kind: 'record-malformed'; readonly offset: number; readonly reason: string }
  | { readonly kind: 'signature-wrong'; readonly offset: number; readonly author: NodeId }
  /** A chain in it begins at the genesis of another store. */
  | { readonly kind: 'record-of-another-store'; readonly offset: number; readonly author: NodeId };

/**
 * A store's log, as far as it stands up to scrutiny: every record that is scanned is to be decoded by it, which hashes it and
 * verifies its signatures the first time, as if a peer had sent it; one that fails is damage. Nothing is ever appended.
 */
export class CheckedLog implements Log {
  readonly #log: Log;
  readonly #genesis: StoreId;
  readonly #onProblem: (problem: LogProblem) => void;
  readonly #onRecord: (tally: LogTally) => void;
  readonly #refused = new Set<number>();
  #checkedUpTo = 0;
  #tally: LogTally = { entries: 0, bundles: 0, signatures: 0 };

  /** `onRecord` may throw, which ends the scan. */
  constructor(
    log: Log,
    genesis: StoreId,
    onProblem: (problem: LogProblem) => void,
    onRecord: (tally: LogTally) => void,
  ) {
    this.#log = log;
    this.#genesis = genesis;
    this.#onProblem = onProblem;
    this.#onRecord = onRecord;
  }

  get tally(): LogTally {
    return this.#tally;
  }

  get end(): number {
    return this.#log.end;
  }

  append(): Promise<readonly number[]> {
    return Promise.reject(new Error('assertion failed: a log that is checked is not written to'));
  }

  mend(): Promise<void> {
    return Promise.reject(new Error('assertion failed: a log that is checked is not written to'));
  }

  read(offset: number, into?: Uint8Array): Uint8Array {
    return this.#log.read(offset, into);
  }

  *scan(from: number): Iterable<LogItem> {
    for (const item of this.#log.scan(from)) {
      if (item.kind === 'damaged') this.#note(item, damagedAt(item.offset));
      const { offset, next } = item;
      yield this.#refused.has(offset) ? { kind: 'damaged', offset, next } : item;
    }
  }

  /** What a scan gave, in steps; `undefined` where it does not stand up. What was looked at before is only decoded. */
  *decoding(item: LogRecord): Steps<Bundle | undefined> {
    if (item.offset < this.#checkedUpTo) return yield* decodingRecord(item.record);
    const checked = yield* this.#checking(item);
    this.#note(item, 'kind' in checked ? checked : undefined);
    return 'kind' in checked ? undefined : checked;
  }

  /** Whoever has the log itself open closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #note({ offset, next }: LogItem, problem: LogProblem | undefined): void {
    if (offset < this.#checkedUpTo) return;
    this.#checkedUpTo = next;
    if (problem) {
      this.#refused.add(offset);
      this.#onProblem(problem);
    }
    this.#onRecord(this.#tally);
  }

  *#checking({ offset, record }: LogRecord): Steps<Bundle | LogProblem> {
    const verification = yield* verifying(record, () => undefined);
    switch (verification.kind) {
      case 'malformed':
        return { kind: 'record-malformed', offset, reason: verification.reason };
      case 'needs-full':
        return {
          kind: 'record-malformed',
          offset,
          reason: 'the bundle leaves out what others would look up',
        };
      case 'bad-signature':
        return { kind: 'signature-wrong', offset, author: verification.author };
      case 'verified': {
        const { chains, entries } = verification.bundle;
        const foreign = chains.find(
          ({ firstSeq, firstPrev }) => firstSeq === 1 && !equalBytes(firstPrev, this.#genesis),
        );
        if (foreign) return { kind: 'record-of-another-store', offset, author: foreign.author };
        this.#tally = {
          entries: this.#tally.entries + entries.length,
          bundles: this.#tally.bundles + 1,
          signatures: this.#tally.signatures + chains.length,
        };
        return verification.bundle;
      }
      default:
        return unreachable(verification);
    }
  }
}

function damagedAt(offset: number): LogProblem {
  return { kind: 'log-damaged', offset };
}
