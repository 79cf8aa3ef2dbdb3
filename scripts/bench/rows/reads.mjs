// Reads in process, against the same reads of LMDB: both hand out copies.
import { chunks, pick, randomKeys, randomValue } from '../tools/data.mjs';
import { inFolder } from '../tools/folder.mjs';
import { inTurns, perSecond } from '../tools/in-turns.mjs';
import { openLoadedNode } from '../tools/nodes.mjs';
import { PlainLmdb } from '../tools/plain-lmdb.mjs';
import { rowOf } from '../row.mjs';

export async function* measure({ rounds, longRounds, keys, gets }) {
  yield* inFolder(async function* (folder) {
    const known = randomKeys(keys);
    const { node, kv } = await openLoadedNode(folder, known);
    const plain = new PlainLmdb();
    for (const some of chunks(known, 1_000)) plain.putAll(some.map((key) => [key, randomValue()]));
    const wanted = Array.from({ length: gets }, () => pick(known));

    const getAll = (get) => perSecond(gets, () => wanted.forEach((key) => get(key)));
    const { get, getLimit } = await inTurns(rounds, {
      get: () => getAll((key) => kv.get(key)),
      getLimit: () => getAll((key) => plain.get(key)),
    });
    yield rowOf({
      name: 'get in process',
      value: get,
      unit: '/s',
      limit: getLimit,
      target: { atLeast: 0.7 },
    });

    const readThrough = (pairs) =>
      perSecond(keys, () => {
        for (const _ of pairs());
      });
    const { list, listLimit } = await inTurns(longRounds, {
      list: () => readThrough(() => kv.list()),
      listLimit: () => readThrough(() => plain.all()),
    });
    yield rowOf({ name: 'list in process, keys', value: list, unit: '/s', limit: listLimit });
    await plain.close();
    await node[Symbol.asyncDispose]();
  });
}
