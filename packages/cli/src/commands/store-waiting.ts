import type { AcceptedLoss, HeldAuthor, Missing } from '@lattice/api';
import { counted, durationText } from '@lattice/model';
import { shortId, timeText } from '../output/columns.js';
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

/** `isAll`: whether those are all that wait; of its own log a node keeps only a part in memory, and counts the rest. */
export function missingText({ author, seq, entry, waiting, sender }: Missing, isAll: boolean): string {
  const from = sender === '' ? 'of this disk' : `from ${shortId(sender)}`;
  const wait = Number(waiting) === 1 ? 'waits' : 'wait';
  const what = `entry ${seq} of ${shortId(author)} (${shortId(entry)})`;
  const atLeast = sender === '' && !isAll ? 'at least ' : '';
  return `missing: ${what}; ${atLeast}${counted(waiting, 'entry', 'entries')} ${from} ${wait} for it`;
}

/** Whether these are all of the entries that wait. */
export function areAll(
  missing: readonly { readonly waiting: number | bigint }[],
  pending: number | bigint,
): boolean {
  return missing.reduce((sum, { waiting }) => sum + Number(waiting), 0) >= Number(pending);
}

/** Whose entries are held. */
export function heldJson({ author, entries, aheadMs }: Plain<HeldAuthor>): Json {
  return { author, entries: Number(entries), aheadMs: Number(aheadMs) };
}

export function heldText({ author, entries, aheadMs }: HeldAuthor): string {
  return `held: ${counted(entries, 'entry', 'entries')} of ${shortId(author)}, up to ${durationText(Number(aheadMs))} ahead`;
}

/** What was gone on without. */
export function acceptedLossJson({ atMs, places, lost, givenUp }: Plain<AcceptedLoss>): Json {
  return {
    at: timeText(Number(atMs)),
    places: Number(places),
    lost: Number(lost),
    givenUp: Number(givenUp),
  };
}

export function acceptedLossText({ atMs, places, lost, givenUp }: AcceptedLoss): string {
  const parts = [
    `${counted(places, 'damaged place')} of the log`,
    ...(lost > 0n ? [`${counted(lost, 'entry', 'entries')} of the state`] : []),
    ...(givenUp > 0n
      ? [
          `${counted(givenUp, 'entry', 'entries')} of others that go on from what was lost, and stay in the log`,
        ]
      : []),
  ];
  return `given up: ${parts.join('; ')}; by --accept-loss at ${timeText(Number(atMs))}`;
}
