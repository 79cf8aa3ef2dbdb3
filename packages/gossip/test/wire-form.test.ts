import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { type Announcement, broadcastId, fromWire, type GossipMessage, toWire } from '@lattice/gossip';
import { idKey, parseHash, parseNodeId, type StoreId } from '@lattice/model';
import { decodeMessage, encodeMessage, MalformedError, newMessage, wire } from '@lattice/proto';
import { Chance } from './support/chance.js';

const cases = process.env['LATTICE_LONG'] === '1' ? 1_000_000 : 5_000;
const seed = Number(process.env['LATTICE_SEED'] ?? randomInt(2 ** 31));

const node = (n: number) => idKey(parseNodeId(new Uint8Array(32).fill(n)));
const store = parseHash(new Uint8Array(32).fill(9)) as StoreId;
const id = (n: number) => broadcastId(store, new Uint8Array([n]));
const announcements: readonly Announcement[] = [
  { id: id(1), round: 1 },
  { id: id(2), round: 200 },
];

const messages: readonly GossipMessage[] = [
  { kind: 'join' },
  { kind: 'forward-join', node: node(1), ttl: 6 },
  { kind: 'neighbor', high: true },
  { kind: 'neighbor', high: false },
  { kind: 'neighbor-reply', accepted: true },
  { kind: 'disconnect' },
  { kind: 'shuffle', origin: node(1), ttl: 3, nodes: [node(2), node(3)] },
  { kind: 'shuffle-reply', nodes: [] },
  { kind: 'i-have', announcements },
  { kind: 'graft', id: id(3) },
  { kind: 'graft' },
  { kind: 'prune' },
];

const encode = (message: GossipMessage) => encodeMessage(wire.GossipSchema, toWire(message));

test('every message is read back as it was sent', () => {
  for (const message of messages)
    assert.deepEqual(fromWire(decodeMessage(wire.GossipSchema, encode(message))), message);
});

test('a broadcast is named by all of what it is', () => {
  const bundle = new Uint8Array([1, 2, 3]);
  const other = parseHash(new Uint8Array(32).fill(8)) as StoreId;
  assert.equal(broadcastId(store, bundle), broadcastId(store, bundle.slice()));
  assert.notEqual(broadcastId(store, bundle), broadcastId(other, bundle));
  assert.notEqual(broadcastId(store, bundle), broadcastId(store, new Uint8Array([1, 2, 4])));
});

test('a message of a later version is nothing', () => {
  assert.equal(fromWire(newMessage(wire.GossipSchema, {})), undefined);
});

test('more than a bound allows is malformed', () => {
  const refused = (body: Parameters<typeof newMessage<typeof wire.GossipSchema>>[1]['body']) =>
    assert.throws(() => fromWire(newMessage(wire.GossipSchema, body ? { body } : {})), MalformedError);
  const nodes = Array.from({ length: 9 }, () => new Uint8Array(32));
  refused({ case: 'shuffleReply', value: { nodes } });
  refused({ case: 'shuffle', value: { origin: new Uint8Array(31), nodes: [] } });
  refused({ case: 'forwardJoin', value: { node: new Uint8Array(33) } });
  refused({ case: 'graft', value: { id: new Uint8Array(15) } });
  refused({ case: 'iHave', value: { ids: new Uint8Array(16), rounds: [] } });
  const rounds = Array.from({ length: 513 }, () => 1);
  refused({ case: 'iHave', value: { ids: new Uint8Array(513 * 16), rounds } });
});

test('bytes changed, cut off or made up are read as a message or refused as malformed, and nothing else happens', () => {
  const chance = new Chance(seed);
  const encoded = messages.map(encode);
  for (let i = 0; i < cases; i++) {
    const bytes = mutated(chance, encoded);
    try {
      const message = fromWire(decodeMessage(wire.GossipSchema, bytes));
      if (message?.kind === 'i-have') assert.ok(message.announcements.length <= 512);
    } catch (error) {
      assert.ok(error instanceof MalformedError, `seed ${seed}, case ${i}: ${String(error)}`);
    }
  }
});

function mutated(chance: Chance, encoded: readonly Uint8Array[]): Uint8Array {
  const bytes = (encoded[chance.below(encoded.length)] as Uint8Array).slice();
  if (chance.below(10) === 0) return chance.bytes(chance.below(80));
  for (let i = chance.below(4); i >= 0; i--) bytes[chance.below(bytes.length)] = chance.below(256);
  return chance.below(4) === 0 ? bytes.subarray(0, chance.below(bytes.length)) : bytes;
}
