// A node joins and gets everything over Iroh, from another process on loopback: against a plain stream between the same two
// processes. And how long the event loops of both are kept waiting while much goes over.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../tools/child.mjs';
import { inFolder } from '../tools/folder.mjs';
import { inTurns } from '../tools/in-turns.mjs';
import { makeMesh } from '../tools/mesh.mjs';
import { random } from '../tools/ports.mjs';
import { counted, rowOf } from '../row.mjs';

const child = fileURLToPath(new URL('../iroh-child.mjs', import.meta.url));
const wireModule = new URL('../tools/wire.mjs', import.meta.url).href;
const authors = 3;
/** Who has said nothing after that is stuck, however busy the machine is. */
const [patienceMs, patiencePerEntryMs] = [60_000, 2];
const [keyBytes, valueBytes, bulkValueBytes] = [16, 100, 4_000];

export async function* measure({ networkRounds, entries, bulkBytes }) {
  yield* inFolder(async function* (folder) {
    const { first: source } = await makeMesh(join(folder, 'small'), { authors, entries, valueBytes });
    yield* betweenTwo({ folder, source, entries }, (pair) => syncRows(pair, networkRounds, entries));
  });
  yield* inFolder(async function* (folder) {
    const bulk = { entries: bulkBytes / bulkValueBytes, valueBytes: bulkValueBytes };
    const { first: source } = await makeMesh(join(folder, 'bulk'), { authors, ...bulk });
    yield* betweenTwo({ folder, source, entries: bulk.entries }, (pair) => delayRows(pair, bulkBytes));
  });
}

async function* syncRows(pair, rounds, entries) {
  // What a sync carries: until one has been, what it carries at least.
  let carried = entries * (keyBytes + valueBytes);
  let wire;
  const { sync, limit } = await inTurns(rounds, {
    sync: async () => {
      const { ms, sent, received } = await pair.sync();
      carried = received;
      wire = sent + received;
      return (entries * 1000) / ms;
    },
    // So many entries a second would come if they came as fast as plain bytes: of both, whole datagrams are counted.
    limit: async () => {
      const { ms, received } = await pair.plain(carried);
      return ((received / carried) * entries * 1000) / ms;
    },
  });
  yield rowOf({
    name: `sync over Iroh, two processes, ${counted(entries)} entries`,
    value: sync,
    unit: '/s',
    limit,
    target: { atLeast: 0.7 },
  });
  yield rowOf({
    name: 'the same, datagrams of an entry less key and value',
    value: wire / entries - keyBytes - valueBytes,
    unit: 'B',
    target: { atMost: 24 },
  });
}

async function* delayRows(pair, bytes) {
  const plain = await pair.watched(() => pair.plain(bytes / 10));
  const sync = await pair.watched(() => pair.sync());
  for (const side of ['receiver', 'sender'])
    yield rowOf({
      name: `event loop p99 of the ${side}, ${counted(bytes / 1e6)} MB over Iroh`,
      value: sync[side].p99,
      unit: 'ms',
      limit: plain[side].p99,
      target: { atMost: 10, of: 'value' },
      p50: sync[side].p50,
      max: sync[side].max,
    });
}

/** Rows of what goes between a process that has that node, and another one. Neither outlives this. */
async function* betweenTwo({ folder, source, entries }, rows) {
  const withinMs = patienceMs + entries * patiencePerEntryMs;
  const [sender, receiver] = ['the sender', 'the receiver'].map(
    (name) => new Child(name, child, [wireModule]),
  );
  try {
    await sender.ask('serve', { folder: source }, withinMs);
    const address = await sender.ask('servePlain');
    yield* rows({
      async sync() {
        const token = await sender.ask('invite');
        const target = join(folder, `joins-${random.bytes(6).join('-')}`);
        return receiver.ask('join', { folder: target, token, entries }, withinMs);
      },
      plain: (bytes) => receiver.ask('pullPlain', { address, bytes }, withinMs),
      async watched(work) {
        await Promise.all([sender.ask('watch'), receiver.ask('watch')]);
        await work();
        return { sender: await sender.ask('delays'), receiver: await receiver.ask('delays') };
      },
    });
  } finally {
    await Promise.all([sender.end(), receiver.end()]);
  }
}
