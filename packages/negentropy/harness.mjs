// Speaks the line protocol of hoytech/negentropy's `test` folder on standard input and output, so that this implementation
// can be run against any other: `item,<timestamp>,<hex id>`, `seal`, `initiate`, `msg,<hex>`; answers with `msg`, `have`,
// `need` and `done`. FRAMESIZELIMIT in the environment limits what it sends. `npm run build` comes first.
import process from 'node:process';
import { createInterface } from 'node:readline';
import { Initiator, ItemSet, Responder } from './dist/index.js';

const limit = Number(process.env.FRAMESIZELIMIT ?? 0);
const options = limit > 0 ? { frameSizeLimit: limit } : {};
const items = [];
let set;
let initiator;

const commands = {
  item: (timestamp, id) => items.push({ timestamp: BigInt(timestamp), id: bytesOf(id) }),
  seal: () => (set = ItemSet.of(items)),
  initiate: () => {
    initiator = new Initiator(set, options);
    tell('msg', initiator.begin());
  },
  msg: (hex) => {
    if (!initiator) return tell('msg', new Responder(set, options).answer(bytesOf(hex)));
    const { message, have, need } = initiator.receive(bytesOf(hex));
    for (const id of have) tell('have', id);
    for (const id of need) tell('need', id);
    return message ? tell('msg', message) : console.log('done');
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...words] = line.trim().split(',');
  if (name === '') continue;
  if (!Object.hasOwn(commands, name)) throw new Error(`unknown command: ${name}`);
  commands[name](...words);
}

function bytesOf(hex = '') {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function tell(name, bytes) {
  if (limit > 0 && name === 'msg' && bytes.length > limit)
    throw new Error('a message exceeds FRAMESIZELIMIT');
  console.log(`${name},${Buffer.from(bytes).toString('hex')}`);
}
