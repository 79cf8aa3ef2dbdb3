import { resolve } from 'node:path';
import type { Item } from '@lattice/api';
import { compareBytes, counted } from '@lattice/model';
import { exitStatuses } from '../exit-statuses.js';
import { wordBytes } from '../line/word-bytes.js';
import { recordLine } from '../ndjson/record.js';
import { bytesJson, jsonForTerminal } from '../output/json-text.js';
import type { Output } from '../output/output.js';
import { quoted, quotedBytes } from '../output/printable.js';
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
    'there; one that was there is replaced. Heads that lost a conflict are not exported. A value that cannot be read, the log being ' +
    'damaged on disk, ends it, unless --skip-unreadable is given: then it is left out and named on standard error, and the ' +
    'command ends with 1.',
  args: [{ name: 'file', summary: 'A path, or - for standard output', optional: true, completes: 'file' }],
  options: [
    { name: 'prefix', value: 'text', summary: 'Only keys that begin so', completes: 'key' },
    { name: 'from', value: 'key', summary: 'Begin at this key, included', completes: 'key' },
    { name: 'to', value: 'key', summary: 'End before this key, which is left out', completes: 'key' },
    { name: 'skip-unreadable', summary: 'Leave out values that damage to the disk keeps from being read' },
  ],
  examples: [
    { line: 'export backup.ndjson', says: 'to a file' },
    { line: 'export', says: 'to standard output, for another program' },
    { line: 'export users.ndjson --prefix user/', says: 'only keys that begin with user/' },
    { line: 'export rescued.ndjson --skip-unreadable', says: 'what can still be read of a damaged store' },
    { line: 'export a-to-f.ndjson --from a --to g', says: 'what lies from a on and before g' },
  ],
  json: 'with a file {file, exported, skipped, ms}; without one [{key, value}]',
  run: async ({ args, options }, context) => {
    const { output, surroundings } = context;
    const leftOut = new LeftOut(output);
    const skip = options['skip-unreadable'] === true;
    const items = await itemsToExport({ ...rangeOf(options), markUnreadable: skip }, leftOut, context);
    if (args.file === undefined || args.file === '-') {
      const line = output.stdout.isTerminal ? (item: Item) => jsonForTerminal(recordLine(item)) : recordLine;
      await output.items(items, {
        json: ({ key, value }) => ({ key: bytesJson(key), value: bytesJson(value) }),
        text: line,
      });
      return leftOut.end();
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
      json: { file: args.file, exported, skipped: leftOut.count, ms: Math.round(progress.elapsedMs) },
      text: `Exported ${progress.rate(exported)} to ${args.file}.`,
    });
    return leftOut.end();
  },
});

/** So many are named. */
const namedMax = 20;

/** Values that cannot be read: each is named on standard error as it is met. */
class LeftOut {
  count = 0;

  constructor(private readonly output: Output) {}

  note({ key }: Item): void {
    this.count++;
    if (this.count <= namedMax) this.output.note(`left out: ${quotedBytes(key)}`);
  }

  /** What the command is to end with. */
  end(): number {
    if (this.count === 0) return exitStatuses.done;
    if (this.count > namedMax) this.output.note(`and ${counted(this.count - namedMax, 'more key')}`);
    const values = counted(this.count, 'value is', 'values are');
    this.output.note(
      `${values} not exported: the log is damaged on disk where ${this.count === 1 ? 'it lies' : 'they lie'}. See \`store status\`.`,
    );
    return exitStatuses.refused;
  }
}

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
  range: Range & { readonly markUnreadable: boolean },
  leftOut: LeftOut,
  { node, target, signal }: CommandContext,
): Promise<AsyncIterable<Item>> {
  const client = await node();
  return (async function* () {
    for await (const { items } of client.list({ target, ...range }, { signal }))
      for (const item of items)
        if (item.unreadable) leftOut.note(item);
        else yield item;
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
