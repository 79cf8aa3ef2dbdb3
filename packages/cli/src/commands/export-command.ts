import { resolve } from 'node:path';
import type { Item } from '@lattice/api';
import { compareBytes } from '@lattice/model';
import { wordBytes } from '../line/word-bytes.js';
import { recordLine } from '../ndjson/record.js';
import { bytesJson, jsonForTerminal } from '../output/json-text.js';
import { quoted } from '../output/printable.js';
import { Progress } from '../output/progress.js';
import { usageError } from '../usage-error.js';
import { command } from './command.js';
import type { CommandContext } from './command-context.js';
import { writeFileWhole } from './write-file-whole.js';

export const exportCommand = command({
  path: 'export',
  group: 'Keys and values',
  summary: 'Print keys and values as NDJSON, or to a file',
  details:
    'A line for each key in their bytewise order: what `import` reads, and the same bytes for the same contents. All of ' +
    'it is of one moment, whatever is written meanwhile and however slowly it is read. The file is complete or not ' +
    'there; one that was there is replaced. Heads that lost a conflict are not exported.',
  args: [{ name: 'file', summary: 'A path, or - for standard output', optional: true, completes: 'file' }],
  options: [
    { name: 'prefix', value: 'text', summary: 'Only keys that begin so', completes: 'key' },
    { name: 'from', value: 'key', summary: 'Begin at this key, included', completes: 'key' },
    { name: 'to', value: 'key', summary: 'End before this key, which is left out', completes: 'key' },
  ],
  examples: [
    { line: 'export backup.ndjson', says: 'to a file' },
    { line: 'export', says: 'to standard output, for another program' },
    { line: 'export users.ndjson --prefix user/', says: 'only keys that begin with user/' },
    { line: 'export a-to-f.ndjson --from a --to g', says: 'what lies from a on and before g' },
  ],
  json: 'with a file {file, exported, ms}; without one [{key, value}]',
  run: async ({ args, options }, context) => {
    const { output, surroundings } = context;
    const items = await itemsToExport(rangeOf(options), context);
    if (args.file === undefined || args.file === '-') {
      const line = output.stdout.isTerminal ? (item: Item) => jsonForTerminal(recordLine(item)) : recordLine;
      await output.items(items, {
        json: ({ key, value }) => ({ key: bytesJson(key), value: bytesJson(value) }),
        text: line,
      });
      return;
    }

    const progress = new Progress(output.stderr, surroundings.monotonicMs);
    let exported = 0;
    try {
      await writeFileWhole(
        resolve(surroundings.cwd, args.file),
        args.file,
        linesOf(items, (count) => {
          exported += count;
          progress.update('exported', exported);
        }),
      );
    } finally {
      progress.end();
    }
    await output.result({
      json: { file: args.file, exported, ms: Math.round(progress.elapsedMs) },
      text: `Exported ${progress.rate(exported)} to ${args.file}.`,
    });
  },
});

interface Range {
  readonly prefix?: Uint8Array;
  readonly gte?: Uint8Array;
  readonly lt?: Uint8Array;
}

/** Throws a usage error for a range that is empty because its ends were swapped. */
function rangeOf(options: { readonly [name in 'prefix' | 'from' | 'to']: string | undefined }): Range {
  const [prefix, gte, lt] = [options.prefix, options.from, options.to].map((text) => text && wordBytes(text));
  if (gte && lt && compareBytes(gte, lt) >= 0)
    throw usageError(
      `No key lies from ${quoted(options.from ?? '')} on and before ${quoted(options.to ?? '')}: --to must come after --from.`,
    );
  return { ...(prefix && { prefix }), ...(gte && { gte }), ...(lt && { lt }) };
}

async function itemsToExport(
  range: Range,
  { node, target, signal }: CommandContext,
): Promise<AsyncIterable<Item>> {
  const client = await node();
  return (async function* () {
    for await (const { items } of client.list({ target, ...range }, { signal })) yield* items;
  })();
}

/** Joined to chunks that are worth a write each. */
async function* linesOf(
  items: AsyncIterable<Item>,
  onWritten: (count: number) => void,
): AsyncGenerator<string> {
  const chunkChars = 256 * 1024;
  let chunk = '';
  let count = 0;
  for await (const item of items) {
    chunk += `${recordLine(item)}\n`;
    count++;
    if (chunk.length < chunkChars) continue;
    yield chunk;
    onWritten(count);
    [chunk, count] = ['', 0];
  }
  yield chunk;
  onWritten(count);
}
