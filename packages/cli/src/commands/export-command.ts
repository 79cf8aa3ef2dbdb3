import { resolve } from 'node:path';
import type { Item } from '@lattice/api';
import { recordLine } from '../ndjson/record.js';
import { bytesJson, jsonForTerminal } from '../output/json-text.js';
import { Progress } from '../output/progress.js';
import { command } from './command.js';
import type { CommandContext } from './command-context.js';
import { writeFileWhole } from './write-file-whole.js';

export const exportCommand = command({
  path: 'export',
  group: 'Keys and values',
  summary: 'Print all keys and values as NDJSON, or write them to a file',
  details:
    'A line for each key in their bytewise order: what `import` reads, and the same bytes for the same contents. The ' +
    'file is complete or not there; one that was there is replaced. Heads that lost a conflict are not exported.',
  args: [{ name: 'file', summary: 'A path, or - for standard output', optional: true }],
  examples: [
    { line: 'export backup.ndjson', says: 'to a file' },
    { line: 'export', says: 'to standard output, for another program' },
  ],
  json: 'with a file {file, exported, ms}; without one [{key, value}]',
  run: async ({ args }, context) => {
    const { output, surroundings } = context;
    const items = await itemsToExport(context);
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

async function itemsToExport({ node, target, signal }: CommandContext): Promise<AsyncIterable<Item>> {
  const client = await node();
  return (async function* () {
    for await (const { items } of client.list({ target }, { signal })) yield* items;
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
