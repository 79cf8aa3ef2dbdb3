import { hashEntry } from '@lattice/kernel';
import {
  bundleEntriesMax,
  type Entry,
  type Hash,
  hlcFromMs,
  type NodeId,
  type StoreId,
  toHex,
  utf8,
} from '@lattice/model';
import { FrameWriter } from '@lattice/net';
import { encodeBundle, encodeMessage, newMessage, wire } from '@lattice/proto';
import type { SeededRandom } from '@lattice/testkit';
import type { World } from '../world/world.js';
import type { Nuisance } from './assault.js';
import type { Conversation } from './conversation.js';
import { bundleOf, type Had } from './known.js';
import type { Thief } from './thief.js';

export interface Pestering {
  readonly world: World;
  readonly thief: Thief;
  readonly mesh: StoreId;
  /** Any store that is not the mesh's own; of the mesh's own, where there is none. */
  readonly store: StoreId;
  readonly conversation: Conversation;
  readonly chance: SeededRandom;
}

/** What is no data, and not as it should be. Each ends by itself, or when the other side has had enough. */
export const pesterBy: { readonly [Kind in Nuisance]: (one: Pestering) => Promise<void> } = {
  longFrame: ({ conversation }) =>
    conversation.utter(Uint8Array.of(0x7f, 0xff, 0xff, 0xff), new Uint8Array(64)),

  garbage: ({ conversation, chance }) => {
    const body = chance.bytes(1 + chance.below(120));
    return conversation.utter(Uint8Array.of(0, 0, 0, body.length), body);
  },

  silence: async ({ conversation }) => {
    for (let i = 0; i < 60; i++) {
      const stream = await conversation.connection.openStream();
      // The other side hears of a stream with its first bytes.
      await stream.write(Uint8Array.of(0));
    }
    await conversation.linger(20_000);
  },

  deafness: async ({ conversation, store }) => {
    for (let i = 0; i < 20; i++) await sayAll(conversation, store, [opening()]);
    await conversation.linger(40_000);
  },

  chatter: async ({ conversation, chance }) => {
    for (let i = 0; i < 200; i++) {
      await conversation.say({ case: 'ping', value: { nonce: 0n } });
      const digest = chance.bytes(32);
      await conversation.say({
        case: 'holdings',
        value: { stores: [{ store: chance.bytes(32), digest, entries: 1n }] },
      });
    }
  },

  flood: async ({ conversation, store, thief, world, chance }) => {
    let prev = chance.bytes(32) as Hash;
    for (let bundle = 0; bundle < 6; bundle++) {
      const part: Had[] = [];
      for (let i = 1; i <= bundleEntriesMax; i++) {
        const one = emptyEntry(thief.nodeId, 1 + bundle * bundleEntriesMax + i, prev, world.time.nowMs());
        part.push(one);
        prev = one.hash;
        world.forged.add(toHex(prev));
      }
      const bytes = encodeBundle(bundleOf(part, thief.key), 'full');
      await conversation.say({ case: 'push', value: { store, bundle: bytes } });
    }
    await conversation.linger(2_000);
  },

  joins: async ({ conversation, thief, mesh, chance }) => {
    const meshTag = thief.tagFor(mesh, conversation.connection.remote);
    for (let i = 0; i < 20; i++) {
      const [invite, proof] = [chance.bytes(32), chance.bytes(64)];
      await conversation.say({ case: 'join', value: { meshTag, invite, proof, name: 'x' } });
    }
  },

  addresses: async ({ world, conversation, thief, mesh, chance }) => {
    const meshTag = thief.tagFor(mesh, conversation.connection.remote);
    const members = [...world.machines.values()].map(({ nodeId }) => nodeId);
    const peers = [...members, chance.bytes(32)].map((nodeId) => ({
      nodeId,
      direct: ['memory:nowhere', 'memory:0'],
      relay: '',
    }));
    await conversation.say({ case: 'addresses', value: { meshTag, peers } });
    await conversation.linger(2_000);
  },

  endlessSync: async ({ conversation, store }) => {
    const part = { tips: [], unknownShortIds: new Uint8Array(0), more: true };
    const more = newMessage(wire.SyncMessageSchema, { body: { case: 'differing', value: part } });
    const writer = await sayAll(conversation, store, [opening()]);
    for (let i = 0; i < 60; i++) {
      await writer.write(encodeMessage(wire.SyncMessageSchema, more));
      await conversation.pause(1_000);
    }
  },
};

function opening(): wire.SyncMessage {
  const value = {
    nonce: new Uint8Array(16),
    digest: new Uint8Array(32).fill(1),
    shortIds: new Uint8Array(0),
    horizon: 1n << 62n,
  };
  return newMessage(wire.SyncMessageSchema, { body: { case: 'opening', value } });
}

async function sayAll(
  conversation: Conversation,
  store: StoreId,
  messages: readonly wire.SyncMessage[],
): Promise<FrameWriter> {
  const writer = new FrameWriter(await conversation.open({ case: 'sync', value: { store } }));
  for (const message of messages) await writer.write(encodeMessage(wire.SyncMessageSchema, message));
  return writer;
}

function emptyEntry(author: NodeId, seq: number, prev: Hash, ms: number): Had {
  const entry: Entry = { author, seq, prev, hlc: hlcFromMs(ms), deps: [], payload: utf8('') };
  return { entry, hash: hashEntry(entry) };
}
