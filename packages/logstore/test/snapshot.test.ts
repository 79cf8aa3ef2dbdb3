import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logHandle, logMachine, type LogReads, logReads } from '@lattice/logstore';
import { displayUtf8, type Hlc, type IdKey, type StoreId, utf8 } from '@lattice/model';
import { historyKey, ReplicaRig } from '@lattice/testkit';

test('a snapshot of a log shows one moment, whatever is appended, comes late or is computed anew', async () => {
  await using ann = await open(1);
  await using ben = await open(2);
  await logHandle(ben.replica).append(utf8('late'));
  ann.time.setNowMs(ann.time.nowMs() + 1_000);
  // The second one is large, so that it lies in the log alone.
  await logHandle(ann.replica).appendBatch([utf8('first'), utf8('second '.repeat(500))]);
  using snapshot = ann.replica.snapshot();
  const then = logReads(snapshot);
  const shown = reading(then);
  assert.deepEqual([shown.count, shown.items.length, shown.items[0]], [2, 2, 'first']);

  await logHandle(ann.replica).append(utf8('third'));
  for (const bundle of ben.replica.outgoing([]).bundles((2n ** 63n) as Hlc))
    await ann.receive(bundle, 'full', 'a peer' as IdKey);
  await ann.replica.rebuild();
  assert.deepEqual(reading(then), shown);
  assert.deepEqual(
    then.tail(1).map(({ value }) => displayUtf8(value)),
    shown.items.slice(-1),
  );
  assert.equal(reading(logHandle(ann.replica)).items[0], 'late', 'the log itself goes on');
  await ann.time.advance(60_000);
  assert.throws(() => then.count, { code: 'snapshot-expired' });
  assert.throws(() => [...then.range()], { code: 'snapshot-expired' });
});

function reading(log: LogReads): { readonly count: number; readonly items: readonly string[] } {
  return { count: log.count, items: [...log.range()].map(({ value }) => displayUtf8(value)) };
}

function open(author: number): Promise<ReplicaRig> {
  return ReplicaRig.open({
    genesis: {
      kind: 'store',
      type: 'log',
      mesh: new Uint8Array(32) as Uint8Array as StoreId,
      random: new Uint8Array(32),
    },
    machine: logMachine,
    key: historyKey(0, author),
  });
}
