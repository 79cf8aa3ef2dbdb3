import { wordBytes } from '../line/word-bytes.js';
import { bytesJson } from '../output/json-text.js';
import { command } from './command.js';
import { putCondition } from './put-condition.js';
import { valueFrom } from './value-source.js';

export const putCommand = command({
  path: 'put',
  group: 'Keys and values',
  summary: 'Write a value; done when it is on disk',
  details:
    'What comes from standard input or a file is taken as it is, line breaks at its end included; it need not be text. ' +
    'A value may be empty: "".',
  args: [
    { name: 'key', summary: '1 to 1,024 bytes', completes: 'key' },
    {
      name: 'value',
      summary: 'At most 256 KiB; - reads standard input, @file reads a file',
      completes: 'value',
    },
  ],
  options: [
    { name: 'literal', summary: 'Take the value as typed, also - and what begins with @' },
    { name: 'if-absent', summary: 'Write only if there is no such key; otherwise exit status 1' },
    {
      name: 'if-heads',
      value: 'entries',
      summary: 'Write only if these are all its heads (get --all), commas between them',
    },
  ],
  examples: [
    { line: 'put greeting hello', says: 'peers that are connected see it at once, others later' },
    { line: 'put greeting "hello, world"', says: 'quote what contains spaces' },
    { line: 'put photo @me.jpg', says: 'the bytes of a file' },
    { line: 'put uptime -', says: 'what another program prints: uptime | lattice put uptime -' },
    { line: 'put lock mine --if-absent', says: 'exit status 1 if the key is there: nothing is written' },
    {
      line: 'put count 2 --if-heads 3f9c01d2',
      says: 'only if that entry is still the one that wrote it last, here',
    },
    { line: 'put handle @ada --literal', says: 'the four characters @ada' },
  ],
  json: '{key}',
  run: async ({ args, options }, context) => {
    const { node, output, target } = context;
    const isLiteral = options.literal === true;
    const value = isLiteral
      ? wordBytes(args.value)
      : await valueFrom(args.value, { verb: 'put', parts: 'keys' }, context);
    const client = await node();
    const key = wordBytes(args.key);
    const ifHeads = await putCondition(options, { target, key }, client);
    await client.put({ target, key, value, ...(ifHeads && { ifHeads }) });
    await output.result({ json: { key: bytesJson(key) }, text: '' });
  },
});
