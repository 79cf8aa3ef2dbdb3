import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@lattice/model';
import { CutRig } from './support/cut-rig.js';

/** More than may be on their way at once, both ways; a chain that one lacks, and one that both have. */
const chains = [
  [9, 2],
  [1, 5],
  [0, 3],
  [4, 4],
] as const;
const entriesInAll = 9 + 5 + 3 + 4;

test('a sync that is cut at any byte ends at once with a reason, and the next one sends the rest alone', async () => {
  const totalBytes = await bytesUncut();
  // A prime: in the course of many frames it cuts each of their parts somewhere.
  const stride = process.env.LATTICE_LONG === '1' ? 1 : 17;
  let failed = 0;
  for (let cutAt = 0; cutAt < totalBytes; cutAt += stride) {
    try {
      if (await cutAndResume(cutAt)) failed++;
    } catch (error) {
      throw new Error(`cut at byte ${cutAt} of ${totalBytes}`, { cause: error });
    }
  }
  assert.ok(failed > 10, `${failed} syncs were cut before their end`);
});

async function bytesUncut(): Promise<number> {
  await using rig = new CutRig(chains);
  const link = await rig.connect();
  rig.listStore();
  const before = rig.readBytes;
  const { failure } = await rig.time.run(link.sync(rig.sides[0].mesh.store));
  assert.equal(failure, undefined);
  await rig.time.advance(200);
  assertSame(rig);
  return rig.readBytes - before;
}

/** Whether the first sync failed. */
async function cutAndResume(cutAt: number): Promise<boolean> {
  await using rig = new CutRig(chains);
  const { sides, time } = rig;
  const link = await rig.connect();
  rig.listStore();
  rig.leftBytes = cutAt;
  const beganMs = time.monotonicMs();
  const report = await time.run(link.sync(sides[0].mesh.store));
  await time.advance(200);
  assert.ok(time.monotonicMs() - beganMs < 1_000, 'nothing waits for what does not come');
  for (const { ended, offences } of sides) {
    assert.deepEqual(ended, [{ by: 'network', reason: 'connection reset' }]);
    assert.deepEqual(offences, [], 'a cut is nobody’s fault');
  }
  if (report.failure === undefined) assertSame(rig);
  else assert.match(report.failure, /connection reset/);

  const stores = sides.map(({ mesh }) => mesh.store);
  const before = stores.map((store) => store.entries());
  for (const store of stores) store.offered = 0;
  rig.leftBytes = Infinity;
  await rig.connect();
  assertSame(rig);
  assert.deepEqual(
    stores.map(({ offered }) => offered),
    before.map((entries) => entriesInAll - entries),
    'what was there before the cut is not sent again',
  );
  return report.failure !== undefined;
}

function assertSame({ sides: [one, other] }: CutRig): void {
  assert.equal(toHex(one.mesh.store.digest()), toHex(other.mesh.store.digest()));
  assert.equal(one.mesh.store.entries(), entriesInAll);
}
