import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idKey } from '@lattice/model';
import type { RawStream } from '@lattice/testkit';
import { LinkRig } from './support/link-rig.js';

const seconds = (count: number) => 1_000 * count;

test('two that share a mesh tell each other what they hold of all its stores, within a second', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const { mesh, heard } = rig.friend;
  rig.victim.mesh.store.held = 7;
  await rig.time.advance(seconds(6));
  for (const store of [mesh.meshStore, mesh.store]) {
    const last = heard.findLast((one) => idKey(one.store) === idKey(store.id));
    assert.equal(last?.entries, store === mesh.store ? 7 : 0);
  }
});

test('nothing is told to strangers, and nothing that they tell is heeded', async () => {
  await using rig = await LinkRig.open({ mallory: 'stranger' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet([rig.tag]));
  const before = rig.victim.heard.length;
  await control.control({ case: 'holdings', value: { stores: [holding(rig)] } });
  rig.victim.mesh.store.held = 7;
  noteAll(rig);
  await rig.time.advance(seconds(3));
  assert.equal(peer.ended, undefined);
  assert.equal(heldOf(control).length, 0);
  assert.equal(rig.victim.heard.slice(before).filter(({ entries }) => entries === 99).length, 0);
});

test('however often a store changes, a link tells it once a second, and computes no digest in between', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(seconds(2));
  const { store } = rig.victim.mesh;
  const [told, computed] = [heldOf(control).length, store.digests];
  for (let i = 0; i < 300; i++) {
    store.held = 1 + (i % 200);
    noteAll(rig);
    await rig.time.advance(10);
  }
  await rig.time.advance(seconds(1));
  const more = heldOf(control).slice(told);
  assert(more.length >= 3 && more.length <= 4, `${more.length} messages in 4 s`);
  // For each of two links.
  assert(store.digests - computed <= 2 * 5, `${store.digests - computed} digests`);
  assert.equal(more.at(-1)?.[0]?.entries, BigInt(store.held), 'the last change is told, too');
  assert(
    more.every((stores) => stores.length === 1),
    'what did not change is not told again',
  );
});

test('a peer that asked to join and shows its meshes anew is told all again: it did not have them before', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(seconds(2));
  const told = heldOf(control).length;
  await control.control({ case: 'meshes', value: { tags: [rig.tag] } });
  await rig.time.advance(seconds(1));
  assert.equal(heldOf(control).length, told, 'others have heard it');
  const request = { meshTag: rig.tag, invite: new Uint8Array(0), proof: new Uint8Array(0), name: '' };
  await control.control({ case: 'join', value: request });
  await control.control({ case: 'meshes', value: { tags: [rig.tag] } });
  await rig.time.advance(seconds(1));
  const [again, ...others] = heldOf(control).slice(told);
  assert.deepEqual([again?.length, others.length], [2, 0]);
});

test('a peer that says without end what it holds is cut off', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(10);
  const say = () => control.control({ case: 'holdings', value: { stores: [holding(rig)] } });
  // As after a pause of the network: many at once are nothing bad.
  for (let i = 0; i < 60; i++) await say();
  await rig.time.advance(100);
  assert.equal(peer.ended, undefined);
  for (let i = 0; i < 60; i++) {
    await say();
    await rig.time.advance(250);
  }
  assert.equal(peer.ended, undefined, 'four a second can go on');
  for (let i = 0; i < 70; i++) await say();
  await rig.time.advance(100);
  assert.match(peer.endReason ?? '', /it says too often what it holds/);
  rig.assertFriendIsWell();
});

function holding({ victim }: LinkRig) {
  return { store: victim.mesh.store.id, digest: new Uint8Array(32), entries: 99n };
}

function noteAll({ victim }: LinkRig): void {
  for (const link of victim.links) link.noteHoldings();
}

/** What was told, message by message. */
function heldOf(control: RawStream) {
  return control.controlMessages.flatMap((body) => (body.case === 'holdings' ? [body.value.stores] : []));
}
