import { counted, LatticeError } from '@lattice/model';
import { readLines } from '../ndjson/read-lines.js';
import { parseRecordLine, type Record } from '../ndjson/record.js';
import { Progress } from '../output/progress.js';
import { command } from './command.js';
import type { CommandContext } from './command-context.js';
import { type ImportSource, openImportSource } from './import-source.js';

export const importCommand = command({
  path: 'import',
  group: 'Keys and values',
  summary: 'Write all keys and values of an NDJSON file',
  details:
    'A line for each: {"key": ..., "value": ...}, both a string, or {"base64": ...} for what is no text. A file is read ' +
    'to its end before anything is written, so that a malformed line means that nothing is. What comes from standard ' +
    'input (-) or a pipe is written as it comes, up to the first malformed line.',
  args: [{ name: 'file', summary: 'A path, or - for standard input', completes: 'file' }],
  examples: [
    { line: 'import notes.ndjson', says: 'what is there already is overwritten' },
    { line: 'import -', says: 'from another program' },
  ],
  json: '{imported, ms}',
  run: async ({ args }, context) => {
    const { output, surroundings } = context;
    const source = await openImportSource(args.file, context);
    const progress = new Progress(output.stderr, surroundings.monotonicMs);
    try {
      if (source.isRereadable) await validate(source, progress, context.signal);
      const { imported, malformed } = await write(source, progress, context);
      if (malformed !== undefined)
        throw lineMalformed(malformed, `What came before it was written: ${counted(imported, 'key')}.`);
      progress.end();
      await output.result({
        json: { imported, ms: Math.round(progress.elapsedMs) },
        text: `Imported ${progress.rate(imported)}.`,
      });
    } finally {
      progress.end();
    }
  },
});

/** A line, and what is wrong with it. */
interface Malformed {
  readonly number: number;
  readonly problem: string;
}

/** Reads all of it for nothing but its mistakes. */
async function validate(source: ImportSource, progress: Progress, signal: AbortSignal): Promise<void> {
  let checked = 0;
  const onMalformed = (line: Malformed) => {
    throw lineMalformed(line, 'Nothing of the file was written.');
  };
  const records = recordsOf(source, onMalformed, signal);
  try {
    while ((await records.next()).done !== true) progress.update('checked', ++checked);
  } catch (error) {
    throw signal.aborted ? cancelled('nothing was written', error) : error;
  }
}

/**
 * Writes records as they are read. A malformed line ends the stream as its end would, so that all before it is
 * acknowledged and can be counted.
 */
async function write(
  source: ImportSource,
  progress: Progress,
  { node, target, signal }: CommandContext,
): Promise<{ readonly imported: number; readonly malformed: Malformed | undefined }> {
  const client = await node();
  const { inBatches } = await import('@lattice/api');
  let imported = 0;
  let malformed: Malformed | undefined;
  const onMalformed = (line: Malformed) => {
    malformed = line;
  };
  const records = recordsOf(source, onMalformed, signal);
  try {
    for await (const { operations } of client.write(inBatches(records, target), { signal })) {
      imported = Number(operations);
      progress.update('imported', imported);
    }
  } catch (error) {
    // What was on its way may have been written, too.
    const were = imported === 1 ? 'was' : 'were';
    throw signal.aborted ? cancelled(`at least ${counted(imported, 'key')} ${were} written`, error) : error;
  }
  return { imported, malformed };
}

/** All records up to the first malformed line. */
async function* recordsOf(
  source: ImportSource,
  onMalformed: (line: Malformed) => void,
  signal: AbortSignal,
): AsyncGenerator<Record> {
  for await (const lines of readLines(source.open())) {
    signal.throwIfAborted();
    for (const { number, bytes } of lines) {
      const parsed = parseRecordLine(bytes);
      if ('problem' in parsed) {
        onMalformed({ number, problem: parsed.problem });
        return;
      }
      yield parsed.record;
    }
  }
}

function lineMalformed({ number, problem }: Malformed, consequence: string): LatticeError {
  return new LatticeError(
    'line-malformed',
    `Line ${number} ${problem}: correct it and import again. ${consequence}`,
  );
}

function cancelled(consequence: string, cause: unknown): LatticeError {
  return new LatticeError('aborted', `Cancelled: ${consequence}.`, { cause });
}
