import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '@lattice/model';
import { encodeMessage, newMessage, wire } from '@lattice/proto';
import type { RawPeer, RawStream } from '@lattice/testkit';
import { compare, opening, openSilent } from './support/by-hand.js';
import { LinkRig } from './support/link-rig.js';

test('streams that are opened and say nothing are reset after ten seconds, however many', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet([rig.tag]));
  const silent = await openSilent(rig, peer, 100);
  // Those beyond what is served at a time wait for their turn.
  await keepAlive(rig, control, 120_000);
  const open = silent.filter(({ isOver }) => !isOver).length;
  assert.equal(open, 0);
  assert.equal(peer.ended, undefined);
  const sync = await rig.openSync(peer);
  await sync.sync({ case: 'opening', value: opening });
  await rig.time.advance(100);
  assert.equal(sync.syncMessages[0]?.case, 'shortIds', 'there is room again');
  rig.assertFriendIsWell();
});

test('a peer that falls silent in the middle of a sync loses the stream after half a minute', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(10);
  const sync = await rig.openSync(peer);
  await sync.sync({ case: 'opening', value: opening });
  await keepAlive(rig, control, 29_000);
  assert(!sync.isOver);
  await keepAlive(rig, control, 2_000);
  assert(sync.isOver);
  assert.equal(peer.ended, undefined);
});

test('a frame that comes byte by byte is no sign of life', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(100);
  await control.frameOf(1_000, new Uint8Array(0));
  for (let i = 0; i < 16 && !peer.ended; i++) {
    await control.bytes(Uint8Array.of(0));
    await rig.time.advance(1_000);
  }
  assert.equal(peer.ended?.reason, 'the peer has fallen silent');
});

test('a peer that has connected and opens no control stream is shown out', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  await rig.time.advance(15_100);
  assert.equal(peer.ended?.by, 'remote');
});

test('pings without end, by one who does not read the answers, fill no queue', async () => {
  await using rig = await LinkRig.open({ mallory: 'stranger' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet());
  await rig.time.advance(10);
  control.deafen();
  await flood(rig, peer, control, { case: 'ping', value: { nonce: 0n } }, 30_000);
  control.listen();
  await rig.time.advance(1_000);
  const answers = control.controlMessages.filter((message) => message.case === 'pong').length;
  assert(answers > 0 && answers < 5_000, `${answers} answers to 30,000 pings: as much as the stream took`);
  rig.assertFriendIsWell();
});

test('attempts to join are bounded', async () => {
  await using rig = await LinkRig.open({ mallory: 'stranger' });
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet());
  await rig.time.advance(10);
  const join = { meshTag: new Uint8Array(16), invite: new Uint8Array(0), proof: new Uint8Array(0), name: '' };
  for (let i = 0; i < 16; i++) await control.control({ case: 'join', value: join });
  await rig.time.advance(10);
  assert.equal(control.controlMessages.filter((message) => message.case === 'joinReply').length, 16);
  assert.equal(peer.ended, undefined);
  await control.control({ case: 'join', value: join });
  await rig.time.advance(10);
  assert.match(peer.endReason ?? '', /more than 16 attempts to join/);
});

test('a member that makes the other say things again and again, and does not read them, is cut off', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  rig.victim.mesh.known = Array.from({ length: 200 }, () => ({
    nodeId: rig.friend.nodeId,
    direct: ['memory:x'],
  }));
  const peer = await rig.attack();
  const control = await rig.time.run(peer.greet());
  await rig.time.advance(10);
  control.deafen();
  for (let i = 0; i < 2_000 && !peer.ended; i++) {
    await control.control({ case: 'meshes', value: { tags: [] } });
    await control.control({ case: 'meshes', value: { tags: [rig.tag] } });
    await rig.time.advance(1);
  }
  assert.equal(peer.ended?.reason, 'the peer does not read what it is told');
  rig.assertFriendIsWell();
});

test('one probe is answered in a sync, and not the next', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(10);
  const sync = await rig.openSync(peer);
  await compare(sync);
  const sample = { author: new Uint8Array(32), seq: 1n, hash: new Uint8Array(32) };
  await sync.sync({ case: 'probe', value: { samples: [sample] } });
  await rig.time.advance(10);
  assert(sync.syncMessages.some((message) => message.case === 'probeReply'));
  await sync.sync({ case: 'probe', value: { samples: [sample] } });
  await rig.time.advance(10);
  assert.match(peer.ended?.reason ?? '', /a second probe/);
});

test('a peer that sends bundles and does not read the acknowledgements is stopped', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(10);
  const { store } = rig.victim.mesh;
  const sync = await rig.openSync(peer);
  await compare(sync);
  await rig.time.advance(10);
  sync.deafen();
  for (let i = 0; i < 100 && !sync.isOver; i++) {
    const bundles = Array.from({ length: 1_000 }, (_, j) => framedBundle(1_000 * i + j));
    await rig.time.run(sync.bytes(concatBytes(...bundles)));
    await rig.time.advance(5);
    if (sync.isBroken) break;
  }
  assert(sync.isBroken, 'the stream is reset');
  assert(store.offered < 60_000, `${store.offered} bundles were looked at`);
  rig.assertFriendIsWell();
});

test('of syncs of one store that a peer asks for all at once, two run at a time', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(10);
  const { store } = rig.victim.mesh;
  const before = store.compared;
  for (let i = 0; i < 40; i++) {
    const sync = await rig.openSync(peer);
    await sync.sync({ case: 'opening', value: opening });
  }
  await rig.time.advance(100);
  assert.equal(store.compared - before, 2);
  rig.assertFriendIsWell();
});

test('a store that cannot be read for a while is compared with whoever asks again', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  await rig.time.run(peer.greet([rig.tag]));
  await rig.time.advance(10);
  const { store } = rig.victim.mesh;
  store.isClosed = true;
  for (let i = 0; i < 3; i++) {
    const refused = await rig.openSync(peer);
    await rig.time.advance(10);
    assert(refused.isOver);
  }
  store.isClosed = false;
  const before = store.compared;
  const sync = await rig.openSync(peer);
  await sync.sync({ case: 'opening', value: opening });
  await rig.time.advance(10);
  assert.equal(store.compared - before, 1);
});

/** Pings, as an honest peer does, for that long. */
async function keepAlive(rig: LinkRig, control: RawStream, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
    await control.control({ case: 'ping', value: { nonce: 0n } });
    await rig.time.advance(1_000);
  }
}

type Body = Parameters<RawStream['control']>[0];

/** Says the same again and again, in large writes, until the connection is ended. */
async function flood(
  rig: LinkRig,
  peer: RawPeer,
  control: RawStream,
  body: Body,
  times: number,
): Promise<void> {
  const message = encodeMessage(wire.ControlMessageSchema, newMessage(wire.ControlMessageSchema, { body }));
  const batch = concatBytes(...Array.from({ length: 1_000 }, () => framed(message)));
  for (let i = 0; i < times && !peer.ended; i += 1_000) {
    void control.bytes(batch.slice());
    await rig.time.advance(5);
  }
}

function framedBundle(index: number): Uint8Array {
  const body = { case: 'bundle', value: { index: BigInt(index), bundle: Uint8Array.of(1) } } as const;
  return framed(encodeMessage(wire.SyncMessageSchema, newMessage(wire.SyncMessageSchema, { body })));
}

function framed(body: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0, 0, 0, body.length), body);
}
