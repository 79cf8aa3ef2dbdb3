// How long the application's event loop is kept waiting while peers' entries come in: verified, logged and applied, in bundles as
// large as a peer may send them. Beside it, what it is kept waiting where nothing happens.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { encodeBundle } from '@lattice/proto';
import { inFolder } from '../tools/folder.mjs';
import { makeHistory, newAuthors } from '../tools/history.mjs';
import { watchLoopDelay } from '../tools/loop-delay.mjs';
import { openLoneStore } from '../tools/stores.mjs';
import { counted, rowOf } from '../row.mjs';

/** As many entries as a bundle may have. */
const perBundle = 1_024;

export async function* measure({ entries, idleMs }) {
  yield* inFolder(async function* (folder) {
    const { id, replica, close } = await openLoneStore(folder);
    const history = makeHistory({ store: id, authors: newAuthors(3), entries, perBundle });
    const [first, ...others] = Array.from(history, (bundle) => encodeBundle(bundle, 'full'));
    await admit(replica, first);
    const idle = await delaysOf(() => setTimeout(idleMs));
    const busy = await delaysOf(async () => {
      for (const bytes of others) await admit(replica, bytes);
    });
    assert.equal(replica.entriesKept(), entries);
    await close();
    yield rowOf({
      name: `event loop p99.9 in an ingest, ${counted(entries)} entries`,
      value: busy.percentile(99.9) / 1e6,
      unit: 'ms',
      limit: idle.percentile(99.9) / 1e6,
      target: { atMost: 20, of: 'value' },
      p50: busy.percentile(50) / 1e6,
      max: busy.max / 1e6,
    });
  });
}

async function delaysOf(work) {
  const end = await watchLoopDelay();
  await work();
  return end();
}

async function admit(replica, bytes) {
  const { kind } = await replica.receive(bytes, 'a peer');
  assert.equal(kind, 'admitted');
}
