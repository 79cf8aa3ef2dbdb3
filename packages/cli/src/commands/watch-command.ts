import type { KeyChange, WatchResponse } from '@lattice/api';
import { displayUtf8, fromUtf8, type Hlc, hlcToMs, LatticeError } from '@lattice/model';
import { wordBytes } from '../line/word-bytes.js';
import { counted, shortId, timeText } from '../output/columns.js';
import { bytesJson, type Json } from '../output/json-text.js';
import type { Output } from '../output/output.js';
import { harmless, quoted, quotedBytes } from '../output/printable.js';
import { command } from './command.js';

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
    let cursor = options.since;
    let isUnderWay = false;
    try {
      const pages = client.watch({ target, prefix: wordBytes(args.prefix ?? ''), ...since }, { signal });
      for await (const page of pages) {
        if (!isUnderWay && output.stderr.isTerminal) output.note('Watching until Ctrl-C.');
        isUnderWay = true;
        if (page.reset && !output.json) output.note(resetText);
        await output.lines(linesOf(page, cursor ?? page.cursor), {
          json: lineJson,
          text: (line) => lineText(line, output),
        });
        ({ cursor } = page);
      }
    } catch (error) {
      // Ctrl-C is how a watch ends, and no failure.
      if (!signal.aborted) throw withCursor(error, cursor);
    }
    if (isUnderWay && output.stderr.isTerminal) {
      const again = `watch${prefixText(args.prefix)} --since ${cursor}`;
      // In one piece, however narrow the terminal: it is there to be typed.
      output.stderr.writeNow(`To go on from here:\n${harmless(again)}\n`);
    }
  },
});

const resetText = 'The store was built anew: forget what was printed before. All keys that there are follow.';

/** What is printed, and where to go on from after it. */
type Line = { readonly cursor: string } & (
  { readonly kind: 'change'; readonly change: KeyChange } | { readonly kind: 'reset' | 'cursor' }
);

/**
 * Of a page's lines only the last has its cursor: whoever goes on from an earlier one is told the page again, and misses
 * nothing. `before`: the cursor that led to the page.
 */
function linesOf({ changes, cursor, reset }: WatchResponse, before: string): readonly Line[] {
  const lines = changes.map((change): Line => ({ kind: 'change', change, cursor: before }));
  const last = lines.pop() ?? { kind: 'cursor' };
  const head: readonly Line[] = reset ? [{ kind: 'reset', cursor: before }] : [];
  return [...head, ...lines, { ...last, cursor }];
}

function lineJson(line: Line): Json {
  const { cursor } = line;
  if (line.kind !== 'change') return line.kind === 'reset' ? { reset: true, cursor } : { cursor };
  const { key, value, conflicted, author, time } = line.change;
  return {
    key: bytesJson(key),
    value: value === undefined ? null : bytesJson(value),
    conflicted,
    author,
    time: timeText(hlcToMs(time as Hlc)),
    cursor,
  };
}

function lineText(line: Line, { paint, stdout }: Output): string | undefined {
  if (line.kind !== 'change') return undefined;
  const { key, value, conflicted, author, time } = line.change;
  const what = value === undefined ? ' deleted' : ` = ${valueText(value, stdout.isTerminal)}`;
  const mark = conflicted ? ` ${paint.as('warning', '(conflict)')}` : '';
  const who = paint.as('faint', `  by ${shortId(author)} at ${timeText(hlcToMs(time as Hlc))}`);
  return quotedBytes(key) + what + mark + who;
}

/** On a terminal, one line shows no more of a value. */
const shownBytesMax = 200;

function valueText(value: Uint8Array, isTerminal: boolean): string {
  if (!isTerminal || value.length <= shownBytesMax) return quotedBytes(value);
  const start = value.subarray(0, shownBytesMax);
  // The cut may have gone through a character.
  const shown =
    fromUtf8(value) === undefined ? quotedBytes(start) : quoted(displayUtf8(start).replace(/\ufffd+$/, ''));
  return `${shown} ... (${counted(value.length, 'byte')})`;
}

function prefixText(prefix: string | undefined): string {
  return prefix === undefined ? '' : ` ${quoted(prefix)}`;
}

/** What happened, and where to go on from when that is mended. */
function withCursor(error: unknown, cursor: string | undefined): unknown {
  if (!(error instanceof LatticeError) || error.code !== 'daemon-gone' || cursor === undefined) return error;
  const message = `The process that ran this node was closed: go on with \`watch --since ${cursor}\`.`;
  return new LatticeError(error.code, message, { cause: error });
}
