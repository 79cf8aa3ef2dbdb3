import type { HeldAuthor, Missing } from '@lattice/api';
import { durationText } from '@lattice/model';
import { counted, shortId } from '../output/columns.js';
import type { Json } from '../output/json-text.js';

/** As the API has it, or with its counts as plain numbers. */
type Plain<T> = {
  readonly [K in keyof T as K extends `$${string}` ? never : K]:
    T[K] | (T[K] extends bigint ? number : never);
};

/** What entries of a store wait for. */
export function missingJson({ author, seq, entry, waiting, sender }: Plain<Missing>): Json {
  return { author, seq: Number(seq), entry, waiting: Number(waiting), sender: sender === '' ? null : sender };
}

export function missingText({ author, seq, entry, waiting, sender }: Missing): string {
  const from = sender === '' ? 'of this disk' : `from ${shortId(sender)}`;
  const wait = Number(waiting) === 1 ? 'waits' : 'wait';
  const what = `entry ${seq} of ${shortId(author)} (${shortId(entry)})`;
  return `missing: ${what}; ${counted(waiting, 'entry', 'entries')} ${from} ${wait} for it`;
}

/** Whose entries are held. */
export function heldJson({ author, entries, aheadMs }: Plain<HeldAuthor>): Json {
  return { author, entries: Number(entries), aheadMs: Number(aheadMs) };
}

export function heldText({ author, entries, aheadMs }: HeldAuthor): string {
  return `held: ${counted(entries, 'entry', 'entries')} of ${shortId(author)}, up to ${durationText(Number(aheadMs))} ahead`;
}
