import type { HeadsResponse } from '@lattice/api';
import { counted, fromUtf8, type Hlc, hlcToMs, LatticeError } from '@lattice/model';
import { wordBytes } from '../line/word-bytes.js';
import { shortId, timeText } from '../output/columns.js';
import { bytesJson, type Json } from '../output/json-text.js';
import type { Output } from '../output/output.js';
import { harmless, quoted, quotedBytes } from '../output/printable.js';
import { command } from './command.js';

export const keyCommands = [
  command({
    path: 'get',
    group: 'Keys and values',
    summary: 'Print a value',
    details:
      'Prints exactly the bytes of the value, and a line break. On a terminal, what is no visible character is spelled ' +
      'out. When nodes wrote the key without knowing of each other, the latest write wins; the others are kept until ' +
      'the next write of the key, and --all shows them.',
    args: [{ name: 'key', summary: 'The key', completes: 'key' }],
    options: [
      {
        name: 'all',
        short: 'a',
        summary: 'Show every head: the winner (marked with *) and those it conflicts with',
      },
    ],
    examples: [
      { line: 'get greeting', says: 'exit status 1 if there is no such key' },
      { line: 'get greeting --all', says: 'who wrote what, when' },
    ],
    json: '{key, value, conflicted, heads: [{value, author, time, entry}]}, winner first; a value that is no text is {"base64": ...}, that of a delete is null',
    run: async ({ args, options }, { node, output, target }) => {
      const client = await node();
      const request = { target, key: wordBytes(args.key) };
      if (!output.json && options.all === undefined) {
        const { value, otherHeads } = await client.get(request);
        if (value === undefined) throw keyNotFound(args.key, otherHeads, target.store);
        await printValue(value, output);
        if (otherHeads > 0)
          output.note(
            `${quoted(args.key)} is in conflict: ${counted(otherHeads, 'other head')}; see \`${getAll(args.key, target.store)}\`.`,
          );
        return;
      }
      const heads: HeadsResponse[] = [];
      for await (const head of client.heads(request)) heads.push(head);
      const [winner] = heads;
      const isDeleted = heads.every(({ value }) => value === undefined);
      if (winner === undefined || isDeleted || (options.all === undefined && winner.value === undefined))
        throw keyNotFound(args.key, Math.max(0, heads.length - 1), target.store);
      await output.result({
        json: {
          key: bytesJson(request.key),
          value: valueJson(winner.value),
          conflicted: heads.length > 1,
          heads: heads.map(headJson),
        },
        text: heads.map((head, i) => `${i === 0 ? '*' : ' '} ${headText(head)}`).join('\n'),
      });
    },
  }),

  command({
    path: 'delete',
    group: 'Keys and values',
    summary: 'Delete a key',
    args: [{ name: 'key', summary: 'The key', completes: 'key' }],
    examples: [{ line: 'delete greeting', says: 'exit status 1 if there is no such key' }],
    json: '{key}',
    run: async ({ args }, { node, output, target }) => {
      const client = await node();
      const { existed } = await client.delete({ target, key: wordBytes(args.key) });
      if (!existed) throw keyNotFound(args.key, 0, target.store);
      await output.result({ json: { key: bytesJson(wordBytes(args.key)) }, text: '' });
    },
  }),
];

async function printValue(value: Uint8Array, { stdout }: Output): Promise<void> {
  if (!stdout.isTerminal) {
    await stdout.write(value);
    return stdout.write('\n');
  }
  const text = fromUtf8(value);
  await stdout.write(`${text === undefined ? quotedBytes(value) : harmless(text)}\n`);
}

function headJson({ value, author, time, entry }: HeadsResponse): Json {
  return { value: valueJson(value), author, time: timeText(hlcToMs(time as Hlc)), entry };
}

function headText({ value, author, time, entry }: HeadsResponse): string {
  const what = value === undefined ? 'deleted' : quotedBytes(value);
  return `${what}  by ${shortId(author)} at ${timeText(hlcToMs(time as Hlc))} in ${shortId(entry)}`;
}

function valueJson(value: Uint8Array | undefined): Json {
  return value === undefined ? null : bytesJson(value);
}

function keyNotFound(key: string, otherHeads: number, store: string): LatticeError {
  return new LatticeError(
    'key-not-found',
    otherHeads > 0
      ? `${quoted(key)} was deleted, in conflict with ${counted(otherHeads, 'other write')}: see \`${getAll(key, store)}\`.`
      : `There is no key ${quoted(key)}: \`list\` shows those that are there.`,
  );
}

/** What shows all heads of the key; `store` as it was named, if it was. */
function getAll(key: string, store: string): string {
  return `get ${quoted(key)} --all${store === '' ? '' : ` --store ${quoted(store)}`}`;
}
