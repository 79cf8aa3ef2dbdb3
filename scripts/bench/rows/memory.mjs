// Whether private memory stays the same however many puts there were: after all of them, against after a quarter.
import { pick, randomKeys, randomValue } from '../tools/data.mjs';
import { inFolder } from '../tools/folder.mjs';
import { privateMiB } from '../tools/memory.mjs';
import { openLoadedNode } from '../tools/nodes.mjs';
import { counted, rowOf } from '../row.mjs';

const together = 500;

export async function* measure({ keys, memoryPuts }) {
  if (privateMiB() === undefined) return;
  yield* inFolder(async function* (folder) {
    const known = randomKeys(keys);
    const { node, kv } = await openLoadedNode(folder, known);
    const put = async (count) => {
      for (let done = 0; done < count; done += together)
        await Promise.all(Array.from({ length: together }, () => kv.put(pick(known), randomValue())));
      return settledMiB();
    };
    const afterQuarter = await put(memoryPuts / 4);
    const afterAll = await put((memoryPuts * 3) / 4);
    await node[Symbol.asyncDispose]();
    yield rowOf({
      name: `private memory after ${counted(memoryPuts)} puts`,
      value: afterAll,
      unit: 'MiB',
      limit: afterQuarter,
      target: { atMost: 1.15 },
    });
  });
}

/** What is only garbage does not count: this process runs with `--expose-gc`. */
async function settledMiB() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return privateMiB();
}
