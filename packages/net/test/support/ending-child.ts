/** Two nodes in threads of their own, one of which sends to the other without end: this process ends as its argument says. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { parseNodeId } from '@lattice/model';
import type { Ending } from './endings.js';
import { bindIrohThread } from './iroh.js';

const how = process.argv[2] as Ending;
const pieces = 64;

const [sender, receiver] = [await bindIrohThread(), await bindIrohThread()];
const connection = await sender.connect(receiver.address(), new AbortController().signal);
const sending = await connection.openStream();
void sendOn().catch(() => undefined);
if (how.includes('a dial leads nowhere')) {
  const dial = new AbortController();
  const nobody = { nodeId: parseNodeId(randomBytes(32)), direct: ['127.0.0.1:9'] };
  sender.connect(nobody, dial.signal).catch(() => undefined);
  setImmediate(() => dial.abort());
}
const received = await (await receiver.accept())?.acceptStream();
for (let i = 0; i < pieces; i++) await received?.read();
void readOn().catch(() => undefined);
if (how.startsWith('all is closed'))
  for (const transport of [sender, receiver]) await transport[Symbol.asyncDispose]();
if (how === 'an error that nobody catches') throw new Error('This process ends by an error.');
if (how === 'process.exit on a busy machine') await keepBusy();
if (how !== 'all is closed') process.exit();

async function sendOn(): Promise<void> {
  for (;;) await sending.write(new Uint8Array(65_536));
}

async function readOn(): Promise<void> {
  while (await received?.read());
}

/** So many threads want the processor that each of them waits for it most of the time. */
async function keepBusy(): Promise<void> {
  const threads = Array.from({ length: 16 }, () => new Worker('for (;;);', { eval: true }));
  await Promise.all(threads.map((thread) => once(thread, 'online')));
}
