import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage, newMessage, wire } from '@lattice/proto';
import { type RawPeer, type RawStream, SeededRandom } from '@lattice/testkit';
import { compare, opening } from './support/by-hand.js';
import { LinkRig } from './support/link-rig.js';

/** What a peer may do on its control stream, and what it is told for it. */
const offences: readonly {
  readonly name: string;
  readonly commit: (peer: RawPeer, rig: LinkRig) => Promise<unknown>;
  readonly reason: RegExp;
}[] = [
  {
    name: 'garbage on the control stream',
    commit: async (peer) => (await peer.greet()).frame(new Uint8Array(50).fill(0xff)),
    reason: /^protocol broken: not a ControlMessage message/,
  },
  {
    name: 'a frame that says it is longer than any may be',
    commit: async (peer) => (await peer.greet()).frameOf(2 ** 31, new Uint8Array(10)),
    reason: /^protocol broken: .*exceeds the limit/,
  },
  {
    name: 'a control stream that ends in the middle of a frame',
    commit: async (peer) => {
      const control = await peer.greet();
      await control.frameOf(100, new Uint8Array(10));
      await control.finish();
    },
    reason: /^protocol broken: .*in the middle of a message/,
  },
  {
    name: 'a message before hello',
    commit: async (peer) =>
      (await peer.openKind({ case: 'control', value: {} })).control({ case: 'ping', value: {} }),
    reason: /^protocol broken: a message before hello$/,
  },
  {
    name: 'a second hello',
    commit: async (peer) => (await peer.greet()).control({ case: 'hello', value: { protocol: 1 } }),
    reason: /^protocol broken: a second hello$/,
  },
  {
    name: 'another version of the protocol',
    commit: (peer) => peer.greet([], 2),
    reason: /^this node speaks version 1 of the protocol, the peer version 2$/,
  },
  {
    name: 'a second control stream',
    commit: async (peer) => {
      await peer.greet();
      await peer.openKind({ case: 'control', value: {} });
    },
    reason: /^protocol broken: a second control stream$/,
  },
  {
    name: 'a stream that begins with garbage',
    commit: async (peer) => {
      await peer.greet();
      await (await peer.open()).frame(new Uint8Array(50).fill(0xff));
    },
    reason: /^protocol broken: not a StreamOpen message/,
  },
  {
    name: 'a stream that begins with a frame too long',
    commit: async (peer) => {
      await peer.greet();
      await (await peer.open()).frameOf(2 ** 31, new Uint8Array(0));
    },
    reason: /^protocol broken: .*exceeds the limit/,
  },
  {
    name: 'an address that is none',
    commit: async (peer, { tag }) => {
      const control = await peer.greet([tag]);
      await control.control({
        case: 'addresses',
        value: { meshTag: tag, peers: [{ node: Uint8Array.of(1) }] },
      });
    },
    reason: /^protocol broken: a node id has the wrong length$/,
  },
  {
    name: 'more addresses of one node than any has',
    commit: async (peer, { tag }) => {
      const control = await peer.greet([tag]);
      const node = new Uint8Array(32);
      const direct = Array.from({ length: 100 }, (_, i) => `memory:${i}`);
      await control.control({ case: 'addresses', value: { meshTag: tag, peers: [{ node, direct }] } });
    },
    reason: /^protocol broken: an address is over its bounds$/,
  },
  {
    name: 'what it holds of a store that is named by no id',
    commit: async (peer, { tag }) => {
      const control = await peer.greet([tag]);
      const stores = [{ store: Uint8Array.of(1), digest: new Uint8Array(32), entries: 1n }];
      await control.control({ case: 'holdings', value: { stores } });
    },
    reason: /^protocol broken: a store id or a digest has the wrong length$/,
  },
  {
    name: 'more entries than there can be',
    commit: async (peer, { tag }) => {
      const control = await peer.greet([tag]);
      const stores = [{ store: new Uint8Array(32), digest: new Uint8Array(32), entries: 2n ** 64n - 1n }];
      await control.control({ case: 'holdings', value: { stores } });
    },
    reason: /^protocol broken: more entries than there can be$/,
  },
  {
    name: 'what it holds of more stores than one message may speak of',
    commit: async (peer, { tag }) => {
      const control = await peer.greet([tag]);
      const one = { store: new Uint8Array(32), digest: new Uint8Array(32), entries: 1n };
      await control.control({ case: 'holdings', value: { stores: Array.from({ length: 257 }, () => one) } });
    },
    reason: /^protocol broken: holdings of over 256 stores$/,
  },
  {
    name: 'a pushed bundle that does not verify',
    commit: async (peer, { tag, victim }) => {
      const control = await peer.greet([tag]);
      await control.control({
        case: 'push',
        value: { store: victim.mesh.store.id, bundle: Uint8Array.of(9) },
      });
    },
    reason: /^protocol broken: it does not verify$/,
  },
];

for (const { name, commit, reason } of offences) {
  test(`${name} ends the connection, with the reason, and no other`, async () => {
    await using rig = await LinkRig.open({ mallory: 'member' });
    const peer = await rig.attack();
    await rig.time.run(commit(peer, rig));
    await rig.time.advance(100);
    assert.equal(peer.ended?.by, 'remote');
    assert.match(peer.ended.reason, reason);
    rig.assertFriendIsWell();
  });
}

/** What a peer may do in a sync. */
const syncOffences: readonly {
  readonly name: string;
  readonly commit: (sync: RawStream) => Promise<unknown>;
  readonly reason: RegExp;
}[] = [
  {
    name: 'garbage',
    commit: (sync) => sync.frame(new Uint8Array(50).fill(0xff)),
    reason: /not a SyncMessage/,
  },
  {
    name: 'an empty message',
    commit: (sync) => sync.frame(new Uint8Array(0)),
    reason: /an empty message/,
  },
  {
    name: 'a message out of turn',
    commit: (sync) => sync.sync({ case: 'verdicts', value: { known: [] } }),
    reason: /out of turn/,
  },
  {
    name: 'an opening with a short digest',
    commit: (sync) => sync.sync({ case: 'opening', value: { digest: Uint8Array.of(1) } }),
    reason: /digest has the wrong length/,
  },
  {
    name: 'two openings',
    commit: async (sync) => {
      await sync.sync({ case: 'opening', value: opening });
      await sync.sync({ case: 'opening', value: opening });
    },
    reason: /out of turn/,
  },
  {
    name: 'tips with ids of a wrong length',
    commit: async (sync) => {
      await sync.sync({ case: 'opening', value: opening });
      await sync.sync({ case: 'differing', value: { tips: [{ author: Uint8Array.of(1), seq: 1n }] } });
    },
    reason: /wrong length/,
  },
  {
    name: 'an acknowledgement of what was not sent',
    commit: async (sync) => {
      await compare(sync);
      await sync.sync({ case: 'ack', value: { index: 7n } });
    },
    reason: /acknowledgement of what was not sent/,
  },
  {
    name: 'a bundle that does not verify',
    commit: async (sync) => {
      await compare(sync);
      await sync.sync({ case: 'bundle', value: { index: 0n, bundle: Uint8Array.of(9) } });
    },
    reason: /it does not verify/,
  },
  {
    name: 'a frame too long',
    commit: (sync) => sync.frameOf(2 ** 31, new Uint8Array(0)),
    reason: /exceeds the limit/,
  },
];

for (const { name, commit, reason } of syncOffences) {
  test(`${name} in a sync ends the connection, with the reason, and no other`, async () => {
    await using rig = await LinkRig.open({ mallory: 'member' });
    const peer = await rig.attack();
    await rig.time.run(peer.greet([rig.tag]));
    const { id } = rig.victim.mesh.store;
    await rig.time.advance(10);
    const sync = await rig.time.run(peer.openKind({ case: 'sync', value: { store: id } }));
    await rig.time.run(commit(sync));
    await rig.time.advance(100);
    assert.equal(peer.ended?.by, 'remote');
    assert.match(peer.ended.reason, reason);
    rig.assertFriendIsWell();
  });
}

test('a stream of a kind that is not known here is reset, and the conversation goes on', async () => {
  await using rig = await LinkRig.open({ mallory: 'member' });
  const peer = await rig.attack();
  await rig.time.run(peer.greet([rig.tag]));
  const stream = await rig.time.run(peer.open());
  await rig.time.run(stream.frame(new Uint8Array(0)));
  await rig.time.advance(100);
  assert(stream.isOver);
  assert.equal(peer.ended, undefined);
  rig.assertFriendIsWell();
});

test('a sync of a store that is not shared is reset without a word, and costs nothing else', async () => {
  for (const mallory of ['member', 'stranger'] as const) {
    await using rig = await LinkRig.open({ mallory });
    const peer = await rig.attack();
    await rig.time.run(peer.greet([rig.tag]));
    await rig.time.advance(10);
    const { mesh } = rig.victim;
    const ids = mallory === 'member' ? [new Uint8Array(32), new Uint8Array(5)] : [mesh.id, mesh.store.id];
    for (const store of ids) {
      const sync = await rig.time.run(peer.openKind({ case: 'sync', value: { store } }));
      await sync.sync({ case: 'opening', value: opening });
      await rig.time.advance(100);
      assert(sync.isOver);
      assert.equal(sync.received.length, 0);
    }
    assert.equal(peer.ended, undefined);
    rig.assertFriendIsWell();
  }
});

test('random bytes, in random frames, on streams of all kinds, harm nobody else', async () => {
  for (let seed = 1; seed <= (process.env.LATTICE_LONG === '1' ? 2_000 : 60); seed++) {
    const random = new SeededRandom(seed);
    await using rig = await LinkRig.open({ mallory: random.pick(['member', 'stranger']) });
    const peer = await rig.attack();
    await rig.time.run(peer.greet([rig.tag]));
    await rig.time.advance(10);
    for (let i = 0; i < 6 && !peer.ended; i++) {
      const stream = await rig.time.run(openAny(peer, rig, random));
      for (let j = 0; j < 4; j++) await sayAny(stream, random);
      await rig.time.advance(random.below(50));
    }
    await rig.time.advance(40_000);
    rig.assertFriendIsWell();
  }
});

function openAny(peer: RawPeer, { tag, victim }: LinkRig, random: SeededRandom): Promise<RawStream> {
  switch (random.below(4)) {
    case 0:
      return peer.open();
    case 1:
      return peer.openKind({ case: 'handover', value: { meshTag: tag } });
    default:
      return peer.openKind({
        case: 'sync',
        value: { store: random.pick([victim.mesh.id, victim.mesh.store.id]) },
      });
  }
}

/** Either noise, or a proper message with noise in it. */
async function sayAny(stream: RawStream, random: SeededRandom): Promise<void> {
  const noise = random.bytes(random.below(200));
  switch (random.below(5)) {
    case 0:
      return stream.bytes(noise);
    case 1:
      return stream.frame(noise);
    case 2:
      return stream.frame(
        mutated(
          encodeMessage(
            wire.SyncMessageSchema,
            newMessage(wire.SyncMessageSchema, {
              body: { case: 'opening', value: opening },
            }),
          ),
          random,
        ),
      );
    case 3:
      return stream.sync({
        case: 'opening',
        value: { digest: random.bytes(32), whole: random.below(2) === 0 },
      });
    default:
      return stream.sync({ case: 'bundle', value: { index: BigInt(random.below(3)), bundle: noise } });
  }
}

function mutated(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = bytes.slice();
  copy[random.below(copy.length)] = random.below(256);
  return copy;
}
