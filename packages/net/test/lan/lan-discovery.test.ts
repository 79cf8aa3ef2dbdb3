import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyPairFromSeed } from '@lattice/crypto';
import { toHex } from '@lattice/model';
import { LanNode, LanStranger } from '../support/lan-node.js';
import { canMakeNamespaces, Namespace } from '@lattice/net/testing';

const skip = canMakeNamespaces() ? false : 'needs root and the package iproute2';
const options = { skip, timeout: 60_000 };
const [ann, ben, cleo] = [1, 2, 3];

test('two nodes on one link find each other, with no route to anywhere else', options, async () => {
  using left = new Namespace('left');
  using right = new Namespace('right');
  left.connect('e0', right, 'e0');
  left.setAddresses('e0', '10.7.0.1/24', 'fd07::1/64');
  right.setAddresses('e0', '10.7.0.2/24', 'fd07::2/64');
  await using a = await LanNode.start(left, { seed: ann, known: [ben] });
  await using b = await LanNode.start(right, { seed: ben, known: [ann] });
  await b.finds(ann, `10.7.0.1:${a.ports.v4}`, `[fd07::1]:${a.ports.v6}`);
  await a.finds(ben, `10.7.0.2:${b.ports.v4}`, `[fd07::2]:${b.ports.v6}`);
});

test('a link without IPv4 does', options, async () => {
  using left = new Namespace('left6');
  using right = new Namespace('right6');
  left.connect('e0', right, 'e0');
  left.setAddresses('e0', 'fd07::1/64');
  right.setAddresses('e0', 'fd07::2/64');
  await using a = await LanNode.start(left, { seed: ann, known: [ben] });
  await using b = await LanNode.start(right, { seed: ben, known: [ann] });
  await a.finds(ben, `[fd07::2]:${b.ports.v6}`);
  await b.finds(ann, `[fd07::1]:${a.ports.v6}`);
});

test(
  'a machine on two links is found on both, and those on one are not told to the other',
  options,
  async () => {
    using left = new Namespace('far-left');
    using middle = new Namespace('middle');
    using right = new Namespace('far-right');
    middle.connect('e0', left, 'e0');
    middle.connect('e1', right, 'e0');
    left.setAddresses('e0', '10.7.0.1/24');
    middle.setAddresses('e0', '10.7.0.2/24');
    middle.setAddresses('e1', '10.8.0.2/24');
    right.setAddresses('e0', '10.8.0.3/24');
    await using a = await LanNode.start(left, { seed: ann, known: [ben, cleo] });
    await using b = await LanNode.start(middle, { seed: ben, known: [ann, cleo] });
    await using c = await LanNode.start(right, { seed: cleo, known: [ann, ben] });
    assert.equal((await a.finds(ben)).direct[0], `10.7.0.2:${b.ports.v4}`);
    assert.equal((await c.finds(ben)).direct[0], `10.8.0.2:${b.ports.v4}`);
    await b.finds(ann, `10.7.0.1:${a.ports.v4}`);
    await b.finds(cleo, `10.8.0.3:${c.ports.v4}`);
  },
);

test('who comes to the link later, or gets another address, is found there', options, async () => {
  using left = new Namespace('stays');
  using right = new Namespace('moves');
  left.connect('e0', right, 'e0');
  left.setAddresses('e0', '10.7.0.1/24', '10.9.0.1/24');
  right.run('ip', 'link', 'set', 'lo', 'up');
  await using a = await LanNode.start(left, { seed: ann, known: [ben] });
  await using b = await LanNode.start(right, { seed: ben, known: [ann] });
  right.setAddresses('e0', '10.7.0.2/24');
  b.review();
  await a.finds(ben, `10.7.0.2:${b.ports.v4}`);
  right.setAddresses('e0', '10.9.0.2/24');
  b.review();
  await a.finds(ben, `10.9.0.2:${b.ports.v4}`);
  await b.finds(ann, `10.9.0.1:${a.ports.v4}`);
});

test(
  'a stranger on the link learns no node id, and nothing that it says does any harm',
  options,
  async () => {
    using left = new Namespace('member');
    using right = new Namespace('shared');
    left.connect('e0', right, 'e0');
    left.setAddresses('e0', '10.7.0.1/24');
    right.setAddresses('e0', '10.7.0.2/24', '10.7.0.66/24');
    await using a = await LanNode.start(left, { seed: ann, known: [ben] });
    await using stranger = await LanStranger.start(right, '10.7.0.66');
    await stranger.says();
    await using b = await LanNode.start(right, { seed: ben, known: [ann] });
    await a.finds(ben, `10.7.0.2:${b.ports.v4}`);
    await b.finds(ann, `10.7.0.1:${a.ports.v4}`);
    const heard = stranger.heard.join(' ');
    assert.match(heard, new RegExp(Buffer.from('_lattice').toString('hex')), 'it hears of nodes');
    for (const seed of [ann, ben]) {
      const id = toHex(keyPairFromSeed(new Uint8Array(32).fill(seed)).nodeId);
      for (const form of [id, Buffer.from(id).toString('hex')]) assert.ok(!heard.includes(form.slice(0, 16)));
    }
  },
);
