import type { Item } from '@lattice/api';
import { compareBytes, concatBytes, counted, displayUtf8, fromUtf8 } from '@lattice/model';
import { wordBytes } from '../line/word-bytes.js';
import { countOf } from '../line/option-values.js';
import { fitted, widthOf } from '../output/fitted.js';
import { bytesJson } from '../output/json-text.js';
import type { Output } from '../output/output.js';
import { quoted, quotedBytes } from '../output/printable.js';
import { usageError } from '../usage-error.js';
import { command } from './command.js';

export const listCommand = command({
  path: 'list',
  group: 'Keys and values',
  summary: 'List keys and values, in the order of the keys',
  details:
    'Marks keys that are in conflict with "(conflict)". A terminal shows as much of a value as fits on the line, a pipe ' +
    'gets all of it. The key of --from need not exist; if it does, it is the first one listed, in either direction.',
  args: [{ name: 'prefix', summary: 'Only keys that begin so', optional: true, completes: 'key' }],
  options: [
    { name: 'limit', value: 'count', summary: 'At most so many keys' },
    { name: 'from', value: 'key', summary: 'Begin at this key, included', completes: 'key' },
    { name: 'to', value: 'key', summary: 'End before this key, which is left out', completes: 'key' },
    { name: 'reverse', summary: 'From the last key to the first; with --from, from that one down' },
    { name: 'keys', summary: 'Only the keys, one a line' },
    { name: 'conflicts', summary: 'Only keys that are in conflict' },
  ],
  examples: [
    { line: 'list', says: 'all of the store' },
    { line: 'list user/', says: 'keys that begin with user/' },
    { line: 'list log/ --reverse --limit 10', says: 'the last ten that begin with log/' },
    { line: 'list --from user/m --limit 100', says: 'the next hundred from user/m on' },
    { line: 'list --from user/a --to user/g', says: 'what lies from user/a on and before user/g' },
  ],
  json: '[{key, value, conflicted}], with --keys [{key, conflicted}]',
  run: async ({ args, options }, { node, output, signal, target }) => {
    const limit = countOf('limit', options.limit) ?? 0;
    const reverse = options.reverse === true;
    const keysOnly = options.keys === true;
    const range = rangeOf(options, reverse);
    const prefix = wordBytes(args.prefix ?? '');
    const client = await node();
    // The node knows no such filter: what it limits would be what is looked through.
    const conflicts = options.conflicts === true;
    const request = { target, prefix, ...range, reverse, limit: conflicts ? 0n : BigInt(limit), keysOnly };
    const all = itemsOf(client.list(request, { signal }));
    await output.items(conflicts ? conflictedOf(all, limit) : all, {
      json: ({ key, value, conflicted }) => ({
        key: bytesJson(key),
        ...(keysOnly ? {} : { value: bytesJson(value) }),
        conflicted,
      }),
      text: (item) => (keysOnly ? quotedBytes(item.key) : itemText(item, output)),
    });
  },
});

/** Begins at a key, upwards or downwards, and ends before another. Throws a usage error where the two are swapped. */
function rangeOf(
  options: { readonly from?: string | undefined; readonly to?: string | undefined },
  reverse: boolean,
): { readonly gte?: Uint8Array; readonly lt?: Uint8Array } {
  const from = options.from === undefined ? undefined : wordBytes(options.from);
  const to = options.to === undefined ? undefined : wordBytes(options.to);
  const order = from && to ? compareBytes(from, to) : undefined;
  if (order !== undefined && (reverse ? order <= 0 : order >= 0)) {
    const rule = reverse ? 'with --reverse, --to must lie below --from' : '--to must come after --from';
    const [named, end] = [quoted(options.from ?? ''), quoted(options.to ?? '')];
    throw usageError(`No key lies from ${named} ${reverse ? 'down' : 'on'} and before ${end}: ${rule}.`);
  }
  return reverse
    ? { ...(to && { gte: behind(to) }), ...(from && { lt: behind(from) }) }
    : { ...(from && { gte: from }), ...(to && { lt: to }) };
}

/** Nothing lies between a key and the same one with a zero byte behind it. */
function behind(key: Uint8Array): Uint8Array {
  return concatBytes(key, Uint8Array.of(0));
}

async function* itemsOf(pages: AsyncIterable<{ readonly items: readonly Item[] }>): AsyncGenerator<Item> {
  for await (const { items } of pages) yield* items;
}

/** The first `limit` of those that are in conflict; 0: all. */
async function* conflictedOf(items: AsyncIterable<Item>, limit: number): AsyncGenerator<Item> {
  let count = 0;
  for await (const item of items) {
    if (!item.conflicted) continue;
    yield item;
    if (++count === limit) return;
  }
}

/** Of a value that does not fit, a line shows at least so much. */
const shownWidthMin = 20;

function itemText({ key, value, conflicted }: Item, { paint, stdout }: Output): string {
  const start = `${quotedBytes(key)} = `;
  const end = conflicted ? ` ${paint.as('warning', '(conflict)')}` : '';
  if (!stdout.isTerminal) return start + quotedBytes(value) + end;
  const room = Math.max(shownWidthMin, stdout.columns - widthOf(start) - widthOf(end));
  return start + shownValue(value, room) + end;
}

/** The whole value, or its beginning and its size. */
function shownValue(value: Uint8Array, room: number): string {
  // No character of UTF-8 has more than four bytes: these are enough to fill the room.
  const beginning = beginningOf(value, 4 * room);
  if (value.length <= 4 * room && widthOf(beginning) <= room) return beginning;
  const size = ` (${counted(value.length, 'byte')})`;
  const closing = beginning.startsWith('"') ? '"' : '';
  return fitted(beginning, Math.max(shownWidthMin / 2, room - size.length) - closing.length) + closing + size;
}

function beginningOf(value: Uint8Array, bytes: number): string {
  if (value.length <= bytes) return quotedBytes(value);
  const start = value.subarray(0, bytes);
  // The cut may have gone through a character.
  return fromUtf8(value) === undefined
    ? quotedBytes(start)
    : quoted(displayUtf8(start).replace(/\ufffd+$/, ''));
}
