import { equalBytes, type NodeId, type StoreId, unreachable } from '@lattice/model';
import type { Log, LogItem } from '@lattice/storage';
import { verifyBundle } from './verify.js';

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
 * A store's log, as far as it stands up to scrutiny: every record that is read for the first time is decoded, hashed and its
 * signatures verified, as if a peer had sent it, and one that fails is passed on as damage. Nothing is ever appended.
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
      if (item.offset >= this.#checkedUpTo) {
        this.#check(item);
        this.#checkedUpTo = item.next;
        this.#onRecord(this.#tally);
      }
      const { offset, next } = item;
      yield this.#refused.has(offset) ? { kind: 'damaged', offset, next } : item;
    }
  }

  /** Whoever has the log itself open closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #check(item: LogItem): void {
    const problem = item.kind === 'damaged' ? damagedAt(item.offset) : this.#problemOf(item);
    if (!problem) return;
    this.#refused.add(item.offset);
    this.#onProblem(problem);
  }

  #problemOf({ offset, record }: Extract<LogItem, { kind: 'record' }>): LogProblem | undefined {
    const verification = verifyBundle(record, () => undefined);
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
        return undefined;
      }
      default:
        return unreachable(verification);
    }
  }
}

function damagedAt(offset: number): LogProblem {
  return { kind: 'log-damaged', offset };
}
