import { utf8 } from '@lattice/model';
import { DataDirectory, DirectoryLock, NodeFiles, openGuardedKv, SegmentLog } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import type { ChildTask } from './child.js';

const task = JSON.parse(process.argv[2] ?? '') as ChildTask;
const report = (message: unknown) => process.send?.(message);

switch (task.kind) {
  case 'fill-kv': {
    const { kv } = await openGuardedKv(task.path, { durable: false, bootId: task.bootId });
    const table = kv.table('t');
    kv.transaction(() => {
      for (let i = 0; i < task.keys; i++) table.put(utf8(`key ${i}`), new Uint8Array(100).fill(i));
    });
    await kv.flush();
    report('filled');
    await foreverOrUntilKilled();
    break;
  }
  case 'use-kv': {
    const { kv, repairs } = await openGuardedKv(task.path, { durable: false, bootId: task.bootId });
    report({ repairs });
    const table = kv.table('t');
    let keys = 0;
    for (const [key] of table.range()) {
      table.get(key);
      keys++;
    }
    kv.transaction(() => table.put(utf8('new'), utf8('value')));
    await kv[Symbol.asyncDispose]();
    report({ keys });
    process.disconnect?.();
    break;
  }
  case 'keep-checkpoints': {
    const directory = await DataDirectory.open(task.path, {
      random: new SeededRandom(1),
      bootId: task.bootId,
    });
    const { state, ...store } = await storeOf(directory, task.uuid);
    const table = state.table('t');
    for (let i = 1; ; i++) {
      state.transaction(() => {
        for (let key = 0; key < 500; key++) table.put(utf8(`key ${key}`), new Uint8Array(1_000).fill(i));
      });
      report({ begun: i });
      await store.keep();
      report({ kept: i });
    }
  }
  case 'append-log': {
    const log = await SegmentLog.open(new NodeFiles(task.path), { segmentBytes: 16 * 1024 });
    for (let i = 0; ; i++) {
      await log.append([utf8(`record ${i}`)]);
      report(i);
    }
  }
  case 'lock': {
    const lock = await DirectoryLock.tryLock(task.directory);
    await lock?.publish({ socketPath: task.socketPath });
    report(lock === undefined ? 'refused' : 'locked');
    await foreverOrUntilKilled();
    break;
  }
}

async function storeOf(directory: DataDirectory, uuid: string) {
  const store = await directory.openStore(uuid);
  return { state: store.state, keep: () => store.keepCheckpoint() };
}

/** The channel to the parent keeps the process alive. */
function foreverOrUntilKilled(): Promise<never> {
  process.on('message', () => undefined);
  return new Promise(() => undefined);
}
