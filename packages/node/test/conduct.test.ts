import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyPairFromSeed } from '@lattice/crypto';
import { type NodeId, toHex } from '@lattice/model';
import type { PeerStatus } from '@lattice/node';
import { RawPeer } from '@lattice/testkit';
import { meshOf, meshOn, type Nodes, tagOf } from './support/nodes.js';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

test('a member that breaks the protocol is dropped, shown with the reason, and heard again after a minute', async () => {
  await using mesh = await meshOf('a', ['b']);
  const { nodeId } = mesh.machine('b');
  await mesh.stop('b');
  await offend(mesh, nodeId);
  const { reason, barredMs } = offenceOf(mesh) ?? assert.fail('it is remembered');
  assert.match(reason, /^not a ControlMessage message/);
  assert.ok(barredMs > 50_000 && barredMs <= minuteMs, String(barredMs));

  const again = await dial(mesh, nodeId);
  await mesh.advance(100);
  assert.match(again.peer.endReason ?? '', /^it broke the protocol a while ago: it is listened to again in /);
  await again.transport[Symbol.asyncDispose]();

  await mesh.start('b');
  await mesh.advance(50_000);
  assert.equal(statusOf(mesh).online, false);
  await mesh.advance(2 * minuteMs);
  assert.equal(statusOf(mesh).online, true, 'its owner has mended it');
  assert.equal(offenceOf(mesh)?.barredMs, 0);
  await mesh.stop('b');
  await mesh.advance(dayMs);
  assert.equal(offenceOf(mesh), undefined, 'it is forgiven');
});

test('who does it again is left out for twice as long each time, and never for more than an hour', async () => {
  await using mesh = await meshOf('a', ['b']);
  const { nodeId } = mesh.machine('b');
  await mesh.stop('b');
  for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
    await offend(mesh, nodeId);
    const barredMs = offenceOf(mesh)?.barredMs ?? 0;
    assert.equal(Math.ceil(barredMs / minuteMs), minutes);
    await mesh.advance(barredMs);
  }
});

test('a member that names what is no node, or too many, for a view breaks the protocol', async () => {
  await using mesh = await meshOf('a', ['b']);
  const { nodeId } = mesh.machine('b');
  await mesh.stop('b');
  const meshTag = tagOf(mesh, 'a', nodeId);
  const bodies = [
    { case: 'forwardJoin' as const, value: { node: new Uint8Array(31), ttl: 1 } },
    { case: 'shuffleReply' as const, value: { nodes: Array.from({ length: 9 }, () => nodeId) } },
  ];
  for (const body of bodies) {
    const { peer, transport } = await dial(mesh, nodeId);
    const control = await mesh.run(peer.greet([meshTag]));
    await control.control({ case: 'gossip', value: { meshTag, body } });
    await mesh.advance(10);
    assert.match(peer.endReason ?? '', /^protocol broken: a (node id|shuffle) /);
    await transport[Symbol.asyncDispose]();
    await mesh.advance(offenceOf(mesh)?.barredMs ?? 0);
  }
});

test('strangers take up 32 connections at most, and members find room all the same', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.stop('b');
  const strangers: RawPeer[] = [];
  for (let i = 0; i < 40; i++)
    strangers.push((await dial(mesh, keyPairFromSeed(new Uint8Array(32).fill(100 + i)).nodeId)).peer);
  await mesh.advance(100);
  const refused = strangers.filter(({ ended }) => ended !== undefined);
  assert.equal(refused.length, 8);
  for (const { endReason } of refused)
    assert.equal(endReason, 'there are too many strangers: come again in a while');
  await mesh.start('b');
  await mesh.advance(1_000);
  assert.equal(statusOf(mesh).online, true);
});

/** Connects with that key, and says what is no message. */
async function offend(mesh: Nodes, nodeId: NodeId): Promise<void> {
  const { peer, transport } = await dial(mesh, nodeId);
  const control = await mesh.run(peer.greet());
  await control.frame(new Uint8Array(50).fill(0xff));
  await mesh.advance(10);
  assert.match(peer.endReason ?? '', /^protocol broken: /);
  await transport[Symbol.asyncDispose]();
}

async function dial(mesh: Nodes, nodeId: NodeId) {
  const transport = mesh.network.transport(nodeId);
  const { nodeId: target } = mesh.machine('a');
  const peer = await mesh.run(
    RawPeer.dial(transport, { nodeId: target, direct: [`memory:${toHex(target)}`] }),
  );
  return { peer, transport };
}

function statusOf(mesh: Nodes): PeerStatus {
  const [peer] = meshOn(mesh, 'a')
    .peers()
    .filter(({ self }) => !self);
  return peer ?? assert.fail('there is another member');
}

function offenceOf(mesh: Nodes): PeerStatus['offence'] {
  return statusOf(mesh).offence;
}
