// What this process's connections over Iroh carry, in UDP datagrams: with QUIC's own headers and acknowledgements. To be loaded
// first in every thread (`--import`), as an endpoint has one of its own: each counts, and tells the first one when asked.
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import { Connection } from '@number0/iroh';

const connections = new Set();
const threads = new Set();
const channel = new BroadcastChannel('lattice wire');
channel.unref();
const tell = channel.postMessage.bind(channel);
/** What to do with what threads tell. */
let hear = () => undefined;

// Nobody else knows them all: whoever has one waits for the streams that its peer opens.
const { value: acceptBi } = Object.getOwnPropertyDescriptor(Connection.prototype, 'acceptBi');
Connection.prototype.acceptBi = function () {
  connections.add(this);
  return acceptBi.call(this);
};

if (isMainThread) {
  channel.addEventListener('message', ({ data }) => hear(data));
  process.on('worker', (worker) => {
    threads.add(worker);
    worker.once('exit', () => threads.delete(worker));
  });
} else channel.addEventListener('message', ({ data }) => data === 'tell' && tell(ofThisThread()));

/** What goes over the wire while that is done, and what it returns. Threads that have ended by then are not counted. */
export async function whileCounting(work) {
  const before = await ofEachThread();
  const result = await work();
  const after = await ofEachThread();
  const sum = (what) =>
    [...after].reduce((all, [id, of]) => all + of[what] - (before.get(id)?.[what] ?? 0), 0);
  return { result, sent: sum('sent'), received: sum('received') };
}

async function ofEachThread() {
  const told = new Map([[threadId, ofThisThread()]]);
  const answered = new Promise((resolve) => {
    const look = () => [...threads].every((thread) => told.has(thread.threadId)) && resolve();
    hear = (data) => {
      told.set(data.id, data);
      look();
    };
    for (const thread of threads) thread.once('exit', look);
    look();
  });
  tell('tell');
  await answered;
  return told;
}

function ofThisThread() {
  const all = [...connections].map((connection) => connection.stats());
  const sum = (what) => all.reduce((bytes, stats) => bytes + stats[what], 0);
  return { id: threadId, sent: sum('udpTxBytes'), received: sum('udpRxBytes') };
}
