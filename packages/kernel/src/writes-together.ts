import { payloadBytesMax } from '@lattice/model';
import { payloadHeadroom } from '@lattice/proto';
import type { Written } from './commit.js';
import type { Pending, WorkQueue } from './work-queue.js';
import type { Write } from './write.js';

/** Bytes: so large a write has an entry to itself, beside which a signature is little. Whoever reads it then reads nothing else. */
const aloneBytesMin = 64 * 1024;

/**
 * So much may share an append: what takes the disk longer than the state, which takes in all of it in one go. Many small
 * operations go into one entry, and that is the whole append.
 */
const operationsTogetherMax = 64;
const bytesTogetherMax = 3 * 1024 * 1024;

/** Bytes. No write has more. */
export const operationsBytesMax = payloadBytesMax - payloadHeadroom;

/** Writes that share an entry. */
export type WritesOfEntry = readonly Pending<Write, Written>[];

/**
 * Takes the writes of the next entry, and where more `mayShare` its append, those of others. Those have no conditions, which
 * are asked of a state that has all that goes before.
 */
export function takeWrites(queue: WorkQueue<Write, Written>, mayShare: boolean): readonly WritesOfEntry[] {
  const entries: WritesOfEntry[] = [];
  let [operationsLeft, bytesLeft] = [operationsTogetherMax, bytesTogetherMax];
  do {
    let room = operationsBytesMax;
    const items = queue.takeWhile(({ operations: { length }, count = Infinity, check }) => {
      const isAlone = length >= aloneBytesMin;
      if (isAlone ? room < operationsBytesMax : room < length) return false;
      if (entries.length > 0 && (check || operationsLeft < count || bytesLeft < length)) return false;
      room = isAlone ? 0 : room - length;
      operationsLeft -= count;
      bytesLeft -= length;
      return true;
    });
    if (items.length === 0) break;
    entries.push(items);
  } while (mayShare);
  return entries;
}
