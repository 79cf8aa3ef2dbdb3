// A process that opens the node of a data directory, reads something, says what that took, and ends as if it were killed:
//   node open-child.mjs FOLDER BOOT-ID
import { privateMiB } from './tools/memory.mjs';
import { mainStore, openDiskNode } from './tools/nodes.mjs';

const [folder, bootId] = process.argv.slice(2);
const beganMs = performance.now();
const node = await openDiskNode(folder, { bootId });
const store = mainStore(node);
store.kv().get(Uint8Array.of(1));
const ms = performance.now() - beganMs;
const { entries } = store.status();
process.stdout.write(JSON.stringify({ ms, mib: privateMiB() ?? null, entries }), () =>
  process.kill(process.pid, 'SIGKILL'),
);
