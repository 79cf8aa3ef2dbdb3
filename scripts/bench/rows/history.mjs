// `history <key>` of one key in a store of many entries: its 20 versions, read to their end.
import assert from 'node:assert/strict';
import { randomKey } from '../tools/data.mjs';
import { inFolder } from '../tools/folder.mjs';
import { quantile, timeMs } from '../tools/in-turns.mjs';
import { mainStore, openDiskNode } from '../tools/nodes.mjs';
import { makeLoggedStore } from '../tools/stores.mjs';
import { counted, rowOf } from '../row.mjs';

const versions = 20;

export async function* measure({ entries, histories }) {
  yield* inFolder(async function* (folder) {
    const key = randomKey();
    const every = Math.floor(entries / versions);
    const keyOf = (index) => (index % every === 0 && index < every * versions ? key : randomKey());
    await makeLoggedStore(folder, { entries, perBundle: 256, keyOf });
    const node = await openDiskNode(folder);
    const store = mainStore(node);
    const timesMs = [];
    for (let i = 0; i < histories; i++) {
      timesMs.push(
        await timeMs(() => assert.equal([...store.history({ key })].length, versions, 'it has its versions')),
      );
    }
    await node[Symbol.asyncDispose]();
    yield rowOf({
      name: `history of a key, ${counted(entries)} entries`,
      value: quantile(timesMs.slice(Math.floor(histories / 5)), 0.5),
      unit: 'ms',
      target: { atMost: 10 },
      first: timesMs[0],
    });
  });
}
