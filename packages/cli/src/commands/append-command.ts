import { toHex } from '@lattice/model';
import { wordBytes } from '../line/word-bytes.js';
import { command } from './command.js';
import { valueFrom } from './value-source.js';

export const appendCommand = command({
  path: 'append',
  group: 'Logs',
  summary: 'Append an item to a log; done when it is on disk',
  details:
    'For stores that were made with store create --type log. What comes from standard input or a file becomes one item as ' +
    'it is, line breaks at its end included; it need not be text.',
  args: [
    {
      name: 'text',
      summary: 'At most 256 KiB; - reads standard input, @file reads a file',
      completes: 'value',
    },
  ],
  options: [{ name: 'literal', summary: 'Take the text as typed, also - and what begins with @' }],
  examples: [
    { line: 'append "the kettle is on"', says: 'peers that are connected see it at once, others later' },
    {
      line: 'append @report.txt --store events',
      says: 'the bytes of a file, to another store than the selected one',
    },
  ],
  json: '{position}: its place in the log, the same on every node, in hexadecimal digits',
  run: async ({ args, options }, context) => {
    const { node, output, target } = context;
    const value =
      options.literal === true
        ? wordBytes(args.text)
        : await valueFrom(args.text, { verb: 'append', parts: 'items' }, context);
    const client = await node();
    const { positions } = await client.logAppend({ target, values: [value] });
    await output.result({ json: { position: positions.map(toHex).join() }, text: '' });
  },
});
