import type { KeyChange, WatchResponse } from '@lattice/api';
import { type Hlc, hlcToMs } from '@lattice/model';
import { wordBytes } from '../line/word-bytes.js';
import { shortId, timeText } from '../output/columns.js';
import { bytesJson, type Json } from '../output/json-text.js';
import type { Output } from '../output/output.js';
import { quoted, quotedBytes } from '../output/printable.js';
import { valueText } from '../output/value-text.js';
import { command } from './command.js';
import { type FollowedPage, printFollowed } from './print-followed.js';

export const watchCommand = command({
  path: 'watch',
  group: 'Keys and values',
  summary: 'Print keys as they change, here and on peers',
  details:
    'A line for each key that changed, as it is now: one that changed several times in a moment may be printed once. ' +
    'Every place in the order of changes has a cursor, and --since goes on from one: nothing that changed meanwhile is ' +
    'missed, not even while no node ran. On a terminal, Ctrl-C prints the cursor to go on from; with --json, every line ' +
    'has one. A cursor is of one store on this node. When the store had to be built anew since, because somebody’s ' +
    'writes count no longer or because its files were damaged, the watch says so and begins with all keys that there are.',
  args: [{ name: 'prefix', summary: 'Only keys that begin so', optional: true, completes: 'key' }],
  options: [{ name: 'since', value: 'cursor', summary: 'Go on from there; from now on if nothing is said' }],
  examples: [
    { line: 'watch', says: 'all of the store, from now on' },
    { line: 'watch user/ --json', says: 'a JSON document a line, for another program' },
  ],
  json:
    'lines: {key, value, conflicted, author, time, cursor}, the value of a delete being null; {reset: true, cursor} ' +
    'where all earlier lines are to be forgotten; {cursor} where there is nothing else to say',
  needsNetwork: true,
  run: async ({ args, options }, { node, output, signal, target }) => {
    const client = await node();
    const since = options.since === undefined ? {} : { since: options.since };
    const pages = client.watch({ target, prefix: wordBytes(args.prefix ?? ''), ...since }, { signal });
    await printFollowed(itemsOf(pages), {
      again: `watch${prefixText(args.prefix)}`,
      underWay: 'Watching until Ctrl-C.',
      resetText: 'The store was built anew: forget what was printed before. All keys that there are follow.',
      since: options.since,
      json: changeJson,
      text: (change) => changeText(change, output),
      output,
      signal,
    });
  },
});

async function* itemsOf(pages: AsyncIterable<WatchResponse>): AsyncGenerator<FollowedPage<KeyChange>> {
  for await (const { changes, cursor, reset } of pages) yield { items: changes, cursor, reset };
}

function changeJson({ key, value, conflicted, author, time }: KeyChange): { readonly [name: string]: Json } {
  return {
    key: bytesJson(key),
    value: value === undefined ? null : bytesJson(value),
    conflicted,
    author,
    time: timeText(hlcToMs(time as Hlc)),
  };
}

function changeText({ key, value, conflicted, author, time }: KeyChange, { paint, stdout }: Output): string {
  const what = value === undefined ? ' deleted' : ` = ${valueText(value, stdout.isTerminal)}`;
  const mark = conflicted ? ` ${paint.as('warning', '(conflict)')}` : '';
  const who = paint.as('faint', `  by ${shortId(author)} at ${timeText(hlcToMs(time as Hlc))}`);
  return quotedBytes(key) + what + mark + who;
}

function prefixText(prefix: string | undefined): string {
  return prefix === undefined ? '' : ` ${quoted(prefix)}`;
}
