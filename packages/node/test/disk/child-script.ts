import { join } from 'node:path';
import { type Node, openNodeOnDisk, type Store } from '@lattice/node';
import { Acknowledged } from './acknowledged.js';
import type { ChildReport, ChildTask } from './child.js';
import { assertOneChain, batchOf, checkLane, lanes } from './lanes.js';

const task = JSON.parse(process.argv[2] ?? '') as ChildTask;
const report = (message: ChildReport) => process.send?.(message);

const repairs: string[] = [];
const node = await openNodeOnDisk({
  dataDir: task.directory,
  version: 'test',
  logger: { log: (level, message) => void (level === 'warn' && repairs.push(message)) },
});
const store = await storeOf(node);
const acknowledged = new Acknowledged(join(task.directory, '..', 'acknowledged'));
for (const lane of lanes) acknowledged.set(lane, checkLane(store, lane, acknowledged.of(lane)));
assertOneChain(store, task.kind === 'check' ? Infinity : 200);
report({ batches: acknowledged.total, repairs: [...repairs, ...store.status().warnings] });

if (task.kind === 'check') {
  await node[Symbol.asyncDispose]();
  process.disconnect?.();
} else {
  await Promise.all(lanes.map(writeOn));
  if (task.batches !== undefined) await node[Symbol.asyncDispose]();
  process.disconnect?.();
}

/** Until it is killed, or has written as much as it was told. */
async function writeOn(lane: number): Promise<void> {
  const limit = task.kind === 'write' ? (task.batches ?? Infinity) : 0;
  for (let n = acknowledged.of(lane), left = limit; left > 0; n++, left--) {
    await store.kv().batch(batchOf(lane, n));
    acknowledged.set(lane, n + 1);
  }
}

async function storeOf(opened: Node): Promise<Store> {
  const mesh = opened.meshes()[0] ?? (await opened.createMesh({ name: 'home' }));
  return mesh.store('main');
}
