import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainTag } from '@lattice/crypto';
import { storeIdOf, verifyBundle } from '@lattice/kernel';
import { parseHash, parseNodeId, storeUuid, toHex } from '@lattice/model';
import { decodeGenesis, decodeMessage, encodeMessage, MalformedError, wire } from '@lattice/proto';
import { committed } from './committed.js';
import { makeVectors } from './make/index.js';
import { genesisJson } from './make/json.js';
import { Cursor, hex } from './naive/cursor.js';
import * as naive from './naive/formats.js';
import { isSigned, publicKeyOf, tagOf } from './naive/signatures.js';
import { emptyReplica } from './replica.js';

test('the committed vectors are what the code makes today', async () => {
  for (const [name, vectors] of Object.entries(await makeVectors())) {
    const plain: unknown = JSON.parse(JSON.stringify(vectors));
    assert.deepEqual(committed(name as Parameters<typeof committed>[0]), plain, `${name}.json`);
  }
});

test('domain tags and signatures are what another library makes of them', () => {
  const { domains, signatures } = committed('hashes');
  for (const { domain, tag } of domains) {
    assert.equal(tag, tagOf(domain).toString('hex'));
    assert.equal(tag, toHex(domainTag(domain)));
  }
  for (const { seed, nodeId, domain, message, signature } of signatures) {
    assert.equal(nodeId, publicKeyOf(seed));
    assert.ok(isSigned(nodeId, domain, message, signature));
  }
});

test("a store's genesis, id and UUID are as a plain reading of the protocol has them", () => {
  const { valid, malformed } = committed('genesis');
  for (const { bytes, id, uuid, name, ...fields } of valid) {
    const genesis = fields as naive.NaiveGenesis;
    assert.equal(naive.genesisBytes(genesis).toString('hex'), bytes, name);
    assert.equal(naive.storeId(genesis), id, name);
    assert.equal(naive.uuidOf(id), uuid, name);
    const decoded = decodeGenesis(hex(bytes));
    assert.deepEqual({ ...genesisJson(decoded) }, fields, name);
    assert.equal(storeUuid(storeIdOf(decoded)), uuid, name);
  }
  for (const { bytes, name } of malformed)
    assert.throws(() => decodeGenesis(hex(bytes)), MalformedError, name);
});

test("an entry's canonical bytes and hash are as a plain reading of the protocol has them", () => {
  const { entries } = committed('entries');
  for (const { bytes, hash, name, ...entry } of entries) {
    assert.equal(naive.entryBytes(entry).toString('hex'), bytes, name);
    assert.equal(naive.entryHash(entry), hash, name);
  }
});

test('digests, short ids and mesh tags are as a plain reading of the protocol has them', () => {
  const { digests, shortIds, meshTags, lanTags } = committed('digests');
  for (const { tips, digest } of digests) assert.equal(naive.digestOf(tips), digest);
  for (const { nonce, hash, shortId } of shortIds) assert.equal(naive.shortId(nonce, hash), shortId);
  for (const { mesh, from, to, tag } of meshTags) assert.equal(naive.meshTag(mesh, from, to), tag);
  for (const { instance, node, tag } of lanTags) assert.equal(naive.lanTag(instance, node), tag);
});

test("an entry's time is as a plain reading of the protocol has it", async () => {
  const { entries, bundle } = committed('times');
  const times = naive.timesOf(entries);
  for (const { hash, time } of entries) assert.equal(String(times.get(hash)), time);

  await using replica = await emptyReplica();
  const verified = verifyBundle(hex(bundle), () => undefined);
  assert.equal(verified.kind, 'verified');
  await replica.admit(verified.bundle, 'log');
  for (const { author, seq, hash, time } of entries) {
    const ref = replica.find({ author: parseNodeId(hex(author)), seq, hash: parseHash(hex(hash)) });
    assert.equal(ref !== undefined && String(replica.info(ref).time), time);
  }
});

test('which entries are replaced is as a plain reading of the protocol has it', async () => {
  const { entries, bundle } = committed('replaced');
  const replaced = naive.replacedOf(entries);
  for (const one of entries) assert.equal(replaced.has(one.hash), one.replaced, one.name);

  await using replica = await emptyReplica();
  const verified = verifyBundle(hex(bundle), () => undefined);
  assert.equal(verified.kind, 'verified');
  await replica.admit(verified.bundle, 'log');
  await replica.settled();
  const told = new Map([...replica.history()].map((one) => [toHex(one.entry), one.replaced]));
  for (const one of entries) assert.equal(told.get(one.hash), one.replaced, one.name);
});

test('a frame is the length of a message, and a message that reads and is written the same', () => {
  const { messages } = committed('messages');
  for (const { name, type, body, frame } of messages) {
    const cursor = new Cursor(hex(frame));
    assert.equal(cursor.take(4).readUInt32BE(), cursor.left, name);
    const bytes = cursor.take(cursor.left);
    assert.deepEqual(readAgain(type, bytes), { body, bytes: bytes.toString('hex') }, name);
  }
});

test('every kind of message has a vector', () => {
  const { messages } = committed('messages');
  const gossip = messages.flatMap(({ body, frame }) => {
    if (body !== 'gossip') return [];
    const message = decodeMessage(wire.ControlMessageSchema, hex(frame).subarray(4));
    return message.body.case === 'gossip' ? [message.body.value.body.case] : [];
  });
  for (const [schema, bodies] of [
    [wire.StreamOpenSchema, bodiesOf('StreamOpen')],
    [wire.ControlMessageSchema, bodiesOf('ControlMessage')],
    [wire.SyncMessageSchema, bodiesOf('SyncMessage')],
    [wire.GossipSchema, gossip],
  ] as const) {
    const kinds = schema.oneofs.flatMap(({ fields }) => fields.map(({ localName }) => localName));
    assert.deepEqual(new Set(bodies), new Set(kinds), schema.name);
  }

  function bodiesOf(wanted: string): readonly (string | undefined)[] {
    return messages.filter(({ type }) => type === wanted).map(({ body }) => body);
  }
});

function readAgain(type: string, bytes: Uint8Array): { body: string | undefined; bytes: string } {
  if (type === 'StreamOpen') {
    const message = decodeMessage(wire.StreamOpenSchema, bytes);
    return { body: message.kind.case, bytes: toHex(encodeMessage(wire.StreamOpenSchema, message)) };
  }
  if (type === 'ControlMessage') {
    const message = decodeMessage(wire.ControlMessageSchema, bytes);
    return { body: message.body.case, bytes: toHex(encodeMessage(wire.ControlMessageSchema, message)) };
  }
  const message = decodeMessage(wire.SyncMessageSchema, bytes);
  return { body: message.body.case, bytes: toHex(encodeMessage(wire.SyncMessageSchema, message)) };
}
