import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NodeId, parseNodeId, toHex } from '@lattice/model';
import type { Transport } from '@lattice/net-types';
import { RawPeer } from '@lattice/testkit';
import { meshOf, type Nodes, onlineFor } from './support/nodes.js';

const tooMany = 'there are too many strangers: come again in a while';

test('of strangers eight are in at a time from one place, and 32 in all; members find room all the same', async () => {
  await using door = await Door.open();
  const [first] = await door.knock(20, (i) => `192.0.2.1:${i}`);
  assert.equal(door.inside, 8);
  await door.knock(40, (i) => `198.51.100.${i}:4001`);
  assert.equal(door.inside, 32);
  await first?.[Symbol.asyncDispose]();
  await door.mesh.advance(10);
  await door.knock(2, (i) => `203.0.113.${i}:4001`);
  assert.equal(door.inside, 32, 'whoever goes makes room for one');
  await door.assertMemberGetsIn();
});

test('one that comes and goes is let in 32 times, and then every five seconds', async () => {
  await using door = await Door.open();
  const pest = () => '192.0.2.1:4001';
  assert.equal(await door.comeAndGo(50, pest), 32);
  await door.mesh.advance(60_000);
  assert.equal(await door.comeAndGo(50, pest), 12);
  assert.equal(await door.comeAndGo(1, () => '192.0.2.2:4001'), 1, 'others are none the worse for it');
  await door.assertMemberGetsIn();
});

test('of those who come from ever new places 128 are let in, and then two a second', async () => {
  await using door = await Door.open();
  const ever = (i: number) => `10.0.${i >> 8}.${i & 255}:4001`;
  const begunMs = door.mesh.time.monotonicMs();
  const taken = await door.comeAndGo(300, ever);
  const atMost = 128 + Math.ceil((door.mesh.time.monotonicMs() - begunMs) / 500);
  assert(taken >= 128 && taken <= atMost, `${taken}, at most ${atMost}`);
  await door.mesh.advance(10_000);
  const later = await door.comeAndGo(100, ever);
  assert(later >= 20 && later <= 22, String(later));
  await door.assertMemberGetsIn();
});

test('of IPv6 a place is a network of 64 bits, and an address of IPv4 is the same in either form', async () => {
  for (const [address, isOne] of [
    [(i: number) => `[2001:db8:0:7::${i + 1}]:4001`, true],
    [(i: number) => `[2001:DB8:0:7:${i}:b:c:d]:4001`, true],
    [(i: number) => `[2001:db8:0:${i + 1}::1]:4001`, false],
    [(i: number) => (i % 2 ? `[::ffff:192.0.2.1]:${i}` : `192.0.2.1:${i}`), true],
  ] as const) {
    await using door = await Door.open();
    await door.knock(20, address);
    assert.equal(door.inside, isOne ? 8 : 20, address(1));
  }
});

/** The door of a node whose only other member is away, and strangers in front of it. */
class Door implements AsyncDisposable {
  readonly #inside = new Set<RawPeer>();
  #keys = 0;

  private constructor(readonly mesh: Nodes) {}

  static async open(): Promise<Door> {
    const mesh = await meshOf('a', ['b']);
    await mesh.stop('b');
    return new Door(mesh);
  }

  get inside(): number {
    return [...this.#inside].filter(({ ended }) => ended === undefined).length;
  }

  /** Each with a key of its own. */
  async knock(times: number, address: (i: number) => string): Promise<readonly Transport[]> {
    const transports: Transport[] = [];
    for (let i = 0; i < times; i++) {
      const transport = this.mesh.network.transport(this.#newKey(), address(i));
      const { nodeId } = this.mesh.machine('a');
      const peer = await this.mesh.run(
        RawPeer.dial(transport, { nodeId, direct: [`memory:${toHex(nodeId)}`] }),
      );
      await this.mesh.advance(1);
      if (peer.ended) assert.equal(peer.endReason, tooMany);
      this.#inside.add(peer);
      transports.push(transport);
    }
    return transports;
  }

  /** How often one was let in who went at once. */
  async comeAndGo(times: number, address: (i: number) => string): Promise<number> {
    let taken = 0;
    for (let i = 0; i < times; i++) {
      const before = this.inside;
      const [transport] = await this.knock(1, () => address(i));
      taken += this.inside - before;
      await transport?.[Symbol.asyncDispose]();
      await this.mesh.advance(0);
    }
    return taken;
  }

  async assertMemberGetsIn(): Promise<void> {
    await this.mesh.start('b');
    await this.mesh.advance(1_000);
    assert.deepEqual(onlineFor(this.mesh, 'a'), ['b']);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.mesh[Symbol.asyncDispose]();
  }

  #newKey(): NodeId {
    const bytes = new Uint8Array(32).fill(7);
    new DataView(bytes.buffer).setUint32(0, this.#keys++);
    return parseNodeId(bytes);
  }
}
