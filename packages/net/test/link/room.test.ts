import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyPairFromSeed } from '@lattice/crypto';
import { encodeMessage, newMessage, wire } from '@lattice/proto';
import type { RawPeer } from '@lattice/testkit';
import { compare, openSilent } from './support/by-hand.js';
import { LinkRig } from './support/link-rig.js';

const mebibyte = 1024 * 1024;

test('of what one peer says that it will send, 8 MiB have room at a time, and none once it has not come', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  await rig.time.run(peer.greet([rig.tag]));
  await announce(rig, peer, 14);
  assert.equal(rig.victim.room.held, 8 * mebibyte);
  rig.assertFriendIsWell();
  await rig.time.advance(30_000);
  assert.equal(rig.victim.room.held, 0);
});

test('strangers have room for 8 MiB together, and what is more waits for those before it', async () => {
  await using rig = await LinkRig.open({ mallory: 'stranger' });
  const peers: RawPeer[] = [];
  for (let i = 0; i < 4; i++) {
    const peer = await rig.attack(keyPairFromSeed(new Uint8Array(32).fill(100 + i)).nodeId);
    await rig.time.run(peer.greet());
    await announce(rig, peer, 5);
    peers.push(peer);
  }
  assert.equal(rig.victim.room.held, 8 * mebibyte);
  await rig.time.advance(1_000);
  peers[0]?.connection.close('it goes');
  await rig.time.advance(10);
  assert.equal(rig.victim.room.held, 8 * mebibyte, 'its room is taken by the next');
  rig.assertFriendIsWell();
  await rig.time.advance(60_000);
  assert.equal(rig.victim.room.held, 0);
});

test('all peers together have room for 64 MiB, and nobody is cut off for having to wait', async () => {
  await using rig = await LinkRig.open({ mallory: 'stranger' });
  for (let i = 0; i < 10; i++) {
    const { nodeId } = keyPairFromSeed(new Uint8Array(32).fill(100 + i));
    rig.victim.mesh.members.push(nodeId);
    const peer = await rig.attack(nodeId);
    await rig.time.run(peer.greet([rig.tagOf(nodeId)]));
    await rig.time.advance(10);
    await announce(rig, peer, 8);
  }
  assert.equal(rig.victim.room.held, 64 * mebibyte);
  rig.assertFriendIsWell();
  await rig.time.advance(60_000);
  assert.equal(rig.victim.room.held, 0);
});

test('a long message may take its time while it keeps coming, and is cut off where it trickles', async () => {
  for (const [bytesEach, isHeard] of [
    [12_000, true],
    [4_000, false],
  ] as const) {
    await using rig = await LinkRig.open({ mallory: 'member' });
    const peer = await rig.attack();
    const control = await rig.time.run(peer.greet([rig.tag]));
    await rig.time.advance(10);
    const bundle = new Uint8Array(800_000).fill(1);
    const push = { case: 'push', value: { store: rig.victim.mesh.store.id, bundle } } as const;
    const body = encodeMessage(
      wire.ControlMessageSchema,
      newMessage(wire.ControlMessageSchema, { body: push }),
    );
    await control.frameOf(body.length, new Uint8Array(0));
    for (let at = 0; at < body.length && !peer.ended; at += bytesEach) {
      void control.bytes(body.slice(at, at + bytesEach));
      await rig.time.advance(1_000);
    }
    assert.equal(rig.victim.mesh.store.offered, isHeard ? 1 : 0);
    assert.equal(peer.endReason, isHeard ? undefined : 'the peer has fallen silent');
    await rig.time.advance(20_000);
    assert.equal(peer.endReason, 'the peer has fallen silent', 'half a message is none');
    assert.equal(rig.victim.room.held, 0);
  }
});

test('eight streams of a stranger are listened to, and the others reset', async () => {
  await using rig = await LinkRig.open({ mallory: 'stranger' });
  const peer = await rig.attack();
  const streams = await openSilent(rig, peer, 20);
  await rig.time.advance(100);
  assert.equal(streams.filter(({ isOver }) => isOver).length, 12);
});

test('a stranger is listened to ten times a second, however much it says', async () => {
  await using rig = await LinkRig.open({ mallory: 'stranger' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet());
  await rig.time.advance(10);
  for (let i = 0; i < 1_000; i++) void control.control({ case: 'ping', value: { nonce: 0n } });
  await rig.time.advance(5_000);
  const answers = control.controlMessages.filter((message) => message.case === 'pong').length;
  assert(answers > 0 && answers <= 64 + 51, `${answers} answers`);
  rig.assertFriendIsWell();
});

test('a sync in which a peer talks on and on, and says nothing new, is ended after ten minutes', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(10);
  const sync = await rig.openSync(peer);
  await compare(sync);
  let index = 0n;
  const talk = async (ms: number, first: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 10_000) {
      await control.control({ case: 'ping', value: { nonce: 0n } });
      await sync.sync({ case: 'bundle', value: { index: index++, bundle: Uint8Array.of(first) } });
      await rig.time.advance(10_000);
    }
  };
  await talk(900_000, 1);
  assert(!sync.isOver, 'there is news for so long');
  await talk(590_000, 2);
  assert(!sync.isOver);
  await talk(30_000, 2);
  assert(sync.isOver);
  assert.equal(peer.ended, undefined);
});

test('a peer that shows more meshes than anybody shares breaks the protocol', async () => {
  await using rig = await LinkRig.open({ mallory: 'stranger' });
  const peer = await rig.attack();
  await rig.time.run(peer.greet(Array.from({ length: 1_025 }, (_, i) => Uint8Array.of(i >> 8, i))));
  await rig.time.advance(10);
  assert.match(peer.endReason ?? '', /^protocol broken: it shows over 1024 meshes/);
});

/** Opens streams, on each of which it begins a frame that is said to be of one mebibyte, and is never sent. */
async function announce(rig: LinkRig, peer: RawPeer, streams: number): Promise<void> {
  for (let i = 0; i < streams; i++) {
    const stream = await rig.time.run(peer.open());
    await stream.frameOf(mebibyte, new Uint8Array(0));
  }
  await rig.time.advance(10);
}
