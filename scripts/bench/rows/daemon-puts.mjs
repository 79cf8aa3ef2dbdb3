// Puts that are streamed to a daemon in another process, in batches as `import` sends them: against the same batches in process.
import { join } from 'node:path';
import { inBatches } from '@lattice/api';
import { connectIfRunning, diskDirectory } from '@lattice/daemon';
import { silentLogger } from '@lattice/model';
import { chunks, pick, randomKeys, randomValue } from '../tools/data.mjs';
import { inFolder } from '../tools/folder.mjs';
import { inTurns, perSecond } from '../tools/in-turns.mjs';
import { lattice, run, startDaemon } from '../tools/lattice.mjs';
import { openLoadedNode } from '../tools/nodes.mjs';
import { rowOf } from '../row.mjs';

/** As the client packs them, and as the daemon has them in flight. */
const perBatch = 256;
const inFlight = 8;

export async function* measure({ rounds, keys, daemonPuts }) {
  yield* inFolder(async function* (folder) {
    const known = randomKeys(keys);
    const dataDir = join(folder, 'served');
    run(lattice(dataDir, 'mesh', 'create', 'bench'));
    const daemon = await startDaemon(dataDir);
    const logger = silentLogger;
    const access = await connectIfRunning(diskDirectory({ dataDir, logger, version: '0' }), {
      role: 'command',
      logger,
    });
    const { node, kv } = await openLoadedNode(join(folder, 'own'), known);
    try {
      const stream = (puts) => writeAll(access.client, puts);
      await stream(known.map((key) => ({ key, value: randomValue() })));
      const rate = (write) => {
        const puts = Array.from({ length: daemonPuts }, () => ({ key: pick(known), value: randomValue() }));
        return perSecond(daemonPuts, () => write(puts));
      };
      const { streamed, limit } = await inTurns(rounds, {
        streamed: () => rate(stream),
        limit: () => rate((puts) => batchAll(kv, puts)),
      });
      const target = { atLeast: 20_000, of: 'value' };
      yield rowOf({ name: 'puts through the daemon, streamed', value: streamed, unit: '/s', limit, target });
    } finally {
      await node[Symbol.asyncDispose]();
      await access.close({ drainMs: 0 });
      await daemon.stop();
    }
  });
}

async function writeAll(client, puts) {
  for await (const _ of client.write(inBatches(asyncOf(puts), {})));
}

async function* asyncOf(items) {
  yield* items;
}

async function batchAll(kv, puts) {
  const batches = chunks(puts, perBatch);
  const worker = async () => {
    for (const batch of batches) await kv.batch(batch.map((put) => ({ kind: 'put', ...put })));
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
