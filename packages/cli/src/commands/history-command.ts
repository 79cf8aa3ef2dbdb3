import type { HistoryEntry } from '@lattice/api';
import { counted } from '@lattice/model';
import { wordBytes } from '../line/word-bytes.js';
import { AuthorLabels } from '../history/author-labels.js';
import { entryJson, versionJson } from '../history/history-json.js';
import { historyLines } from '../history/history-lines.js';
import { entryText, versionText } from '../history/operation-text.js';
import { countOf } from '../line/option-values.js';
import { quoted } from '../output/printable.js';
import { printPaged } from '../output/print-paged.js';
import { usageError } from '../usage-error.js';
import { command } from './command.js';
import type { CommandContext } from './command-context.js';

/** What somebody at a terminal gets who says nothing else. */
const terminalLimit = 100;

export const historyCommand = command({
  path: 'history',
  group: 'Keys and values',
  summary: 'Show who wrote what and when, newest first',
  details:
    'Without a key, all entries of the store. Lines lead from each entry down to those that its author had seen and that ' +
    'nothing else it had seen comes after. * is a head: nothing follows it yet; o is what something follows; x does not ' +
    'count, since its author was revoked. "fork" marks what an author wrote twice in the same place: a copied or restored ' +
    'data directory, or a stolen key. Where there are more lines than fit, they share the last column, which is dotted. On a ' +
    `terminal it shows the latest ${terminalLimit} unless told otherwise, through PAGER (or less) if that is more than the screen; in the shell, which has no pager, what fits on the screen.`,
  args: [{ name: 'key', summary: 'Only what was done to that key', optional: true, completes: 'key' }],
  options: [
    { name: 'limit', value: 'count', summary: 'At most so many, the newest' },
    { name: 'all', summary: 'However many there are' },
  ],
  examples: [
    { line: 'history', says: 'the latest of the store' },
    { line: 'history greeting', says: 'every value that the key had, conflicts and deletes included' },
    { line: 'history --limit 1000', says: 'in a pager, on a terminal' },
  ],
  json:
    'of a key [{entry, author, seq, time, op, value, deps, head}], op "put" or "delete"; of the store also {key, counts, ' +
    'forked}, and where an entry does several things ("batch") {operations: [{op, key, value}], operationCount}, at most ' +
    '16 of them; a merge of others does none ("merge"); of a long value the beginning, and {valueBytes}',
  run: async ({ args, options }, context) => {
    const { node, output, signal, target } = context;
    const limit = limitOf(options, usualLimit(context));
    const client = await node();
    const key = args.key === undefined ? undefined : wordBytes(args.key);
    const request = { target, ...(key === undefined ? {} : { key }) };
    if (output.json) {
      const entries = entriesOf(client.history({ ...request, limit: BigInt(limit) }, { signal }));
      const of = key === undefined ? entryJson : versionJson;
      await output.items(entries, { json: of, text: () => '' });
      return;
    }
    const labels = await AuthorLabels.of(client, target.mesh, signal);
    const otherHeads = key === undefined ? 0 : (await client.get({ ...request, key })).otherHeads;
    // One more, to know whether there are more.
    const asked = limit === 0 ? 0n : BigInt(limit + 1);
    const shown = new Shown(entriesOf(client.history({ ...request, limit: asked }, { signal })), limit);
    const lines = historyLines(shown, {
      labels,
      paint: output.paint,
      width: output.stdout.isTerminal ? output.stdout.columns : Number.POSITIVE_INFINITY,
      text: key === undefined ? entryText : versionText,
      conflicted: otherHeads > 0,
    });
    await printPaged(lines, { stdout: output.stdout, openPager: pagerFor(context), signal });
    if (shown.hasMore)
      output.note(`These are the latest ${limit.toLocaleString('en')}: see --limit and --all for more.`);
    if (shown.count === 0) output.note(nothing(args.key));
    if (otherHeads > 0)
      output.note(`${counted(otherHeads + 1, 'head')}: the next write of the key settles the conflict.`);
  },
});

/** For who says nothing else; 0: no limit. */
function usualLimit({ output: { json, stdout }, shell }: CommandContext): number {
  if (json || !stdout.isTerminal) return 0;
  // With the command above, what is said below, and the prompt.
  return shell === undefined ? terminalLimit : Math.max(5, Math.min(terminalLimit, stdout.rows - 4));
}

/** 0: no limit. */
function limitOf(
  { limit, all }: { readonly limit?: string | undefined; readonly all?: true | undefined },
  usual: number,
): number {
  if (all === true && limit !== undefined)
    throw usageError('--limit and --all exclude each other: leave one out.');
  if (all === true) return 0;
  return countOf('limit', limit) ?? usual;
}

/** Not in the shell, which reads the keyboard itself. */
function pagerFor({ output, shell, surroundings }: CommandContext) {
  return output.stdout.isTerminal && shell === undefined ? surroundings.openPager : undefined;
}

function nothing(key: string | undefined): string {
  return key === undefined
    ? 'Nothing was written to this store yet.'
    : `Nobody has written ${quoted(key)} yet.`;
}

/** The first `limit` entries (0: all), with what is to be said of them afterwards. */
class Shown implements AsyncIterable<HistoryEntry> {
  count = 0;
  hasMore = false;

  constructor(
    private readonly entries: AsyncIterable<HistoryEntry>,
    private readonly limit: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<HistoryEntry> {
    for await (const entry of this.entries) {
      this.hasMore = this.limit > 0 && this.count === this.limit;
      if (this.hasMore) return;
      this.count++;
      yield entry;
    }
  }
}

async function* entriesOf(
  pages: AsyncIterable<{ readonly entries: readonly HistoryEntry[] }>,
): AsyncGenerator<HistoryEntry> {
  for await (const { entries } of pages) yield* entries;
}
