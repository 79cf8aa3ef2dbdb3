import { concatBytes, type EntryInfo, type LocalDot, type LocalRef, type Slice } from '@lattice/model';
import {
  behindAll,
  behindListing,
  follow,
  type FollowBackend,
  type FollowPosition,
  type Followed,
  type Listing,
  type Page,
  type Teller,
} from '@lattice/proto';
import type { LogAddition, LogAdditions, LogFollowOptions } from './handle.js';
import { itemAt, type LogReadBackend, pageRecords, recordsIn } from './log-items.js';
import { logMachine } from './machine.js';
import type { LogOp } from './operations.js';
import { encodePosition } from './position.js';
import { decodeRecord, positionOfRecord, recordKey, recordsEnd } from './record.js';

export interface LogFollowBackend extends FollowBackend, LogReadBackend {
  info(ref: LocalRef): EntryInfo;
}

/** Tells what is appended and what arrives. */
export function followLog(
  backend: LogFollowBackend,
  { since, last = 0, signal }: LogFollowOptions,
): AsyncIterable<LogAdditions> {
  const followed: Followed<LogOp, LogAddition> = {
    machine: logMachine,
    teller: (page) => new LogTeller(backend, page),
  };
  return follow(backend, followed, { since, signal, begin: (slice) => beforeLast(backend, last, slice) });
}

/** Before the last so many of the items that there are now. */
async function beforeLast(backend: LogFollowBackend, count: number, slice: Slice): Promise<FollowPosition> {
  const end = behindAll(backend.applied);
  if (count <= 0) return end;
  const { era, ref } = end;
  let left = count;
  let steps = 0;
  for (const { position, record } of recordsIn(backend, { reverse: true })) {
    // What is applied while it counts is told after what there was before.
    if (record.ref < ref && left-- === 0) return { kind: 'listing', era, ref, after: position };
    if (++steps % pageRecords === 0) await slice.rest();
  }
  return { kind: 'listing', era, ref, after: new Uint8Array(0) };
}

class LogTeller implements Teller<LogOp> {
  readonly #backend: LogFollowBackend;
  readonly #page: Page<LogAddition>;

  constructor(backend: LogFollowBackend, page: Page<LogAddition>) {
    this.#backend = backend;
    this.#page = page;
  }

  tell({ value }: LogOp, { ref, op }: LocalDot): void {
    const { time, author, hash: entry } = this.#backend.info(ref);
    const position = encodePosition({ time, author, entry, op });
    const stored = this.#backend.state.get(recordKey(position));
    if (!stored) return;
    const { late } = decodeRecord(stored);
    // What the log gives out is remembered, hence a copy.
    this.#page.add({ position, value: value.slice(), author, time, late }, value.length);
  }

  /** Items in their order, without those that were applied since the listing began: they are told behind it. */
  listOn(from: Listing): FollowPosition {
    const gte = concatBytes(recordKey(from.after), Uint8Array.of(0));
    let { after } = from;
    for (const [key, stored] of this.#backend.state.range({ gte, lt: recordsEnd })) {
      if (this.#page.isFull) return { ...from, after };
      after = positionOfRecord(key);
      this.#page.steps++;
      const record = decodeRecord(stored);
      if (record.ref >= from.ref) continue;
      const item = itemAt(this.#backend, after, record);
      this.#page.add({ ...item, late: false }, item.value.length);
    }
    return behindListing(from);
  }
}
