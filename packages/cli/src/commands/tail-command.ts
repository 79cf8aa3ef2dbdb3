import type { LatticeClient, LogItem } from '@lattice/api';
import { fromUtf8, type Hlc, hlcToMs, toHex } from '@lattice/model';
import { countOf } from '../line/option-values.js';
import { shortId, timeText } from '../output/columns.js';
import { bytesJson, type Json } from '../output/json-text.js';
import type { Output } from '../output/output.js';
import { harmless, quotedBytes } from '../output/printable.js';
import { valueText } from '../output/value-text.js';
import { command } from './command.js';
import type { CommandContext } from './command-context.js';
import { printFollowed } from './print-followed.js';

const linesDefault = 10;

export const tailCommand = command({
  path: 'tail',
  group: 'Logs',
  summary: 'Print the end of a log, and what comes',
  details:
    'A line for each item, in the log’s order, which is the same on every node. An item that is no text, or has several ' +
    'lines, is quoted as the shell reads it. With -f it goes on with what is appended here and by peers, as it comes: what a ' +
    'peer wrote while it was apart belongs before lines that are printed already, and is marked "(late)" on a terminal and ' +
    'with --json. --since goes on from a cursor, which -f prints at its end on a terminal and in every line with --json: ' +
    'nothing that came meanwhile is missed. A cursor is of one store on this node. When the store had to be built anew ' +
    'since, tail says so and begins with all items.',
  options: [
    {
      name: 'lines',
      short: 'n',
      value: 'count',
      summary: `The last so many; ${linesDefault} if nothing is said`,
    },
    { name: 'follow', short: 'f', summary: 'Go on with what comes, until Ctrl-C' },
    { name: 'since', value: 'cursor', summary: 'Go on from there instead, with what comes' },
  ],
  examples: [
    { line: 'tail -n 100', says: 'the last hundred items' },
    { line: 'tail -f --store events', says: 'the last ten, and what comes' },
    { line: 'tail -f --json', says: 'a JSON document a line, for another program' },
  ],
  json:
    'lines: {position, time, author, value, late}, with -f or --since also {cursor}; then {reset: true, cursor} where all ' +
    'earlier lines are to be forgotten, and {cursor} where there is nothing else to say',
  needsNetwork: ['follow', 'since'],
  run: async ({ options }, context) => {
    const { node, output, signal, target } = context;
    const { since } = options;
    const last = countOf('lines', options.lines) ?? linesDefault;
    const client = await node();
    if (options.follow === undefined && since === undefined) return printLast(last, client, context);
    const begin = since === undefined ? { last: BigInt(last) } : { since };
    await printFollowed(client.logFollow({ target, ...begin }, { signal }), {
      again: 'tail',
      underWay: 'Following until Ctrl-C.',
      resetText: 'The store was built anew: forget what was printed before. All items that there are follow.',
      since,
      json: itemJson,
      text: (item) => itemText(item, output),
      output,
      signal,
    });
  },
});

async function printLast(
  count: number,
  client: LatticeClient,
  { output, signal, target }: CommandContext,
): Promise<void> {
  const items: LogItem[] = [];
  const pages = client.logRange({ target, reverse: true, limit: BigInt(count) }, { signal });
  for await (const page of pages) items.push(...page.items);
  await output.lines(items.reverse(), { json: itemJson, text: (item) => itemText(item, output) });
}

function itemJson({ position, time, author, value, late }: LogItem): { readonly [name: string]: Json } {
  return {
    position: toHex(position),
    time: timeText(hlcToMs(time as Hlc)),
    author,
    value: bytesJson(value),
    late,
  };
}

function itemText({ value, author, time, late }: LogItem, { paint, stdout }: Output): string {
  const line = lineOf(value, stdout.isTerminal);
  if (!stdout.isTerminal) return line;
  const who = paint.as('faint', `${timeText(hlcToMs(time as Hlc))} ${shortId(author)}`);
  return `${who}  ${line}${late ? ` ${paint.as('warning', '(late)')}` : ''}`;
}

/** On a terminal, one line shows no more of an item as it is. */
const plainBytesMax = 200;

/** Text of one line as it is; all else quoted, so that every item is one line. */
function lineOf(value: Uint8Array, isTerminal: boolean): string {
  if (isTerminal && value.length > plainBytesMax) return valueText(value, isTerminal);
  const text = fromUtf8(value);
  const isLine = text !== undefined && !text.includes('\n') && harmless(text) === text;
  return isLine ? text : quotedBytes(value);
}
