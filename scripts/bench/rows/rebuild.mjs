// A node starts without a state and computes it from the log: against one LMDB put each, in equal batches.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chunks, randomKeys, randomValue } from '../tools/data.mjs';
import { inFolder } from '../tools/folder.mjs';
import { inTurns, perSecond } from '../tools/in-turns.mjs';
import { mainStore, openDiskNode } from '../tools/nodes.mjs';
import { PlainLmdb } from '../tools/plain-lmdb.mjs';
import { makeLoggedStore } from '../tools/stores.mjs';
import { counted, rowOf } from '../row.mjs';

const perBundle = 256;

export async function* measure({ longRounds, entries }) {
  yield* inFolder(async function* (folder) {
    const { uuid } = await makeLoggedStore(folder, { entries, perBundle });
    const { rebuild, limit } = await inTurns(longRounds, {
      rebuild: async () => {
        for (const file of ['state.db', 'state.db-guard'])
          await rm(join(folder, 'stores', uuid, file), { force: true });
        let node;
        const rate = await perSecond(entries, async () => (node = await openDiskNode(folder)));
        assert.equal(mainStore(node).status().entries, entries);
        await node[Symbol.asyncDispose]();
        return rate;
      },
      limit: async () => {
        const plain = new PlainLmdb();
        const pairs = randomKeys(entries).map((key) => [key, randomValue()]);
        const rate = await perSecond(entries, () => {
          for (const some of chunks(pairs, perBundle)) plain.putAll(some);
        });
        await plain.close();
        return rate;
      },
    });
    const name = `rebuild from the log, ${counted(entries)} entries`;
    yield rowOf({ name, value: rebuild, unit: '/s', limit, target: { atLeast: 0.6 } });
  });
}
