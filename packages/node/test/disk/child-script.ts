import { join } from 'node:path';
import { type Node, openNodeOnDisk, type Store } from '@lattice/node';
import { Acknowledged } from './acknowledged.js';
import type { ChildReport, ChildTask } from './child.js';
import { assertOneChain, batchOf, checkLane, lanes } from './lanes.js';

const task = JSON.parse(process.argv[2] ?? '') as ChildTask;
const acknowledged = new Acknowledged(join(task.directory, '..', 'acknowledged'));

switch (task.kind) {
  case 'write': {
    const { node, store } = await openAndCheck();
    await write(store, task.batches ?? Infinity);
    await node[Symbol.asyncDispose]();
    break;
  }
  case 'check': {
    const { node } = await openAndCheck({ entriesMax: Infinity });
    await node[Symbol.asyncDispose]();
    break;
  }
  case 'drill': {
    for (const batches of [2, 0]) {
      const { node, store } = await openAndCheck();
      await write(store, batches);
      await node[Symbol.asyncDispose]();
    }
    break;
  }
}
process.disconnect?.();

async function openAndCheck({ entriesMax = 200 } = {}): Promise<{ node: Node; store: Store }> {
  const repairs: string[] = [];
  const node = await openNodeOnDisk({
    dataDir: task.directory,
    version: 'test',
    logger: { log: (level, message) => void (level === 'warn' && repairs.push(message)) },
  });
  const mesh = node.meshes()[0] ?? (await node.createMesh({ name: 'home' }));
  const store = mesh.store('main');
  for (const lane of lanes) acknowledged.set(lane, checkLane(store, lane, acknowledged.of(lane)));
  assertOneChain(store, entriesMax);
  const report: ChildReport = {
    batches: acknowledged.total,
    repairs: [...repairs, ...node.status().warnings, ...store.status().warnings],
  };
  process.send?.(report);
  return { node, store };
}

/** So many batches of each lane, all lanes at once. */
async function write(store: Store, batches: number): Promise<void> {
  const writing = lanes.map(async (lane) => {
    const first = acknowledged.of(lane);
    for (let n = first; n < first + batches; n++) {
      await store.kv().batch(batchOf(lane, n));
      acknowledged.set(lane, n + 1);
    }
  });
  await Promise.all(writing);
}
