import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LocalRef, type LogPlace, toHex } from '@lattice/model';
import { bundleOf, everybody, ReplicaRig } from '@lattice/testkit';
import { allBut } from './support/admissions.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, words } from './support/trace.js';

const [ann, ben] = [1, 2];

test('a place behind what was applied fits for as long as the state goes on from it', async () => {
  await using rig = await open();
  const places: LogPlace[] = [];
  for (const ending of ['closed', 'killed', 'closed'] as const) {
    places.push(rig.replica.applied.end());
    await rig.replica.write(words(1));
    places.push(rig.replica.applied.end());
    await rig.reopen(ending);
  }
  assert.deepEqual(
    places.map(({ nextRef }) => nextRef),
    [0, 1, 1, 2, 2, 3],
  );
  for (const place of places) assert.ok(rig.replica.applied.fits(place), `place ${place.nextRef}`);
  const [, first, , second] = places;
  assert.ok(first && second);
  assert.ok(!rig.replica.applied.fits({ ...second, era: first.era }), 'an era ends with the process');
  assert.ok(!rig.replica.applied.fits({ ...second, nextRef: 99 as LocalRef }), 'there is no such place yet');
});

test('a state that was computed anew gives its places other names, and forgets the ones before', async () => {
  await using rig = await open();
  const story = new Story();
  for (const author of [ann, ben, ann]) {
    await rig.receive(bundleOf([story.tell(author)]));
    await rig.reopen();
  }
  const eras = () => [...(rig.stored.state.tables.get('eras')?.keys() ?? [])].length;
  const names = new Set<string>();
  const places: LogPlace[] = [];
  const note = () => {
    const place = rig.replica.applied.end();
    names.add(toHex(place.era));
    places.push(place);
  };
  note();
  assert.equal(eras(), 3);
  await rig.setAdmission(allBut(0, ben));
  note();
  assert.equal(eras(), 1);
  await rig.setAdmission(everybody);
  note();
  await rig.reopen('state-lost');
  note();
  assert.equal(names.size, 4);
  const fitting = places.map((place) => rig.replica.applied.fits(place));
  assert.deepEqual(fitting, [false, false, false, true]);
});

test('an era that was not committed is begun again', async () => {
  await using rig = await open();
  await rig.replica.write(words(1));
  await rig.reopen();
  const before = rig.replica.applied.end();
  rig.stored.state.failNextCommit('disk-full');
  await rig.replica.write(words(2));
  assert.deepEqual(rig.replica.applied.end(), before, 'what was not committed is not told');
  await rig.replica.write(words(3));
  const after = rig.replica.applied.end();
  assert.deepEqual([after.nextRef, toHex(after.era) === toHex(before.era)], [3, false]);
});

test('what does not count has a place, and nothing there', async () => {
  await using rig = await open();
  const story = new Story();
  await rig.setAdmission(allBut(0, ben));
  for (const author of [ann, ben]) await rig.receive(bundleOf([story.tell(author)]));
  const { applied } = rig.replica;
  assert.equal(applied.end().nextRef, 2);
  assert.ok(applied.entryAt(0 as LocalRef));
  assert.equal(applied.entryAt(1 as LocalRef), undefined);
});

test('whoever waits for a change hears of commits, of recounts, and of the end', async () => {
  const rig = await open();
  const { applied } = rig.replica;
  const write = applied.changed();
  await rig.replica.write(words(1));
  await write;
  const recount = applied.changed();
  await rig.setAdmission(allBut(0, ben));
  await recount;
  const end = applied.changed();
  await rig.close();
  await end;
  for (const use of [() => applied.end(), () => applied.entryAt(0 as LocalRef), () => applied.changed()])
    assert.throws(use, { code: 'store-closed' });
});

function open(): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: traceMachine });
}
