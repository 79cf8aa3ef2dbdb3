// Puts that arrive together and share commits, durable when they resolve: against one LMDB put each, unsynced, in equal batches.
import { chunks, pick, randomKeys, randomValue } from '../tools/data.mjs';
import { inFolder } from '../tools/folder.mjs';
import { inTurns, perSecond } from '../tools/in-turns.mjs';
import { openLoadedNode } from '../tools/nodes.mjs';
import { PlainLmdb } from '../tools/plain-lmdb.mjs';
import { rowOf } from '../row.mjs';

/** In flight at a time. */
const together = 1_000;

export async function* measure({ rounds, keys, concurrentPuts }) {
  yield* inFolder(async function* (folder) {
    const known = randomKeys(keys);
    const { node, kv } = await openLoadedNode(folder, known);
    const plain = new PlainLmdb();
    for (const some of chunks(known, 1_000)) plain.putAll(some.map((key) => [key, randomValue()]));

    const batches = () => {
      const pairs = Array.from({ length: concurrentPuts }, () => [pick(known), randomValue()]);
      return [...chunks(pairs, together)];
    };
    const rate = (batch) => {
      const all = batches();
      return perSecond(concurrentPuts, async () => {
        for (const pairs of all) await batch(pairs);
      });
    };
    const { puts, limit } = await inTurns(rounds, {
      puts: () => rate((pairs) => Promise.all(pairs.map(([key, value]) => kv.put(key, value)))),
      limit: () => rate(async (pairs) => plain.putAll(pairs)),
    });
    await plain.close();
    await node[Symbol.asyncDispose]();
    yield rowOf({
      name: `concurrent puts, durable, ${together} at a time`,
      value: puts,
      unit: '/s',
      limit,
      target: { atLeast: 0.6 },
    });
  });
}
