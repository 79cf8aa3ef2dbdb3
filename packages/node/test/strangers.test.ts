import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blake3, keyPairFromSeed, sign } from '@lattice/crypto';
import { hashEntry } from '@lattice/kernel';
import { type Bundle, toHex } from '@lattice/model';
import type { Transport } from '@lattice/net-types';
import { encodeBundle } from '@lattice/proto';
import { RawPeer } from '@lattice/testkit';
import {
  bytes,
  invite,
  join,
  membersFor,
  meshOf,
  meshOn,
  type Nodes,
  put,
  storeOn,
  tagOf,
} from './support/nodes.js';

const strangerKey = keyPairFromSeed(new Uint8Array(32).fill(77));

test('a stranger learns nothing, and is shown out after 15 s', async () => {
  await using mesh = await secretMesh();
  const stranger = await connect(mesh);
  const control = await mesh.run(stranger.greet([new Uint8Array(16)]));
  await mesh.advance(14_900);
  assert.equal(stranger.ended, undefined);
  assertToldNothing(mesh, stranger);
  const [first, ...others] = control.controlMessages;
  assert.equal(first?.case, 'hello');
  assert.deepEqual(first.value.meshes?.tags, [], 'no mesh is shown');
  assert(
    others.every(({ case: kind }) => kind === 'ping'),
    'nothing else is said',
  );
  await mesh.advance(200);
  assert.deepEqual(stranger.ended, { by: 'remote', reason: 'no mesh is shared' });
});

test('a stranger who says nothing at all is shown out too', async () => {
  await using mesh = await secretMesh();
  const stranger = await connect(mesh);
  await mesh.advance(15_100);
  assert.equal(stranger.ended?.by, 'remote');
  assert.equal(stranger.received.length, 0);
});

test('one who knows the ids of mesh and store learns no more with them', async () => {
  await using mesh = await secretMesh();
  const stranger = await connect(mesh);
  const home = meshOn(mesh, 'a');
  const tag = tagOf(mesh, 'a', strangerKey.nodeId);
  const control = await mesh.run(stranger.greet([tag]));
  const opening = { digest: new Uint8Array(32) };
  for (const store of [home.id, storeOn(mesh, 'a').id]) {
    const sync = await mesh.run(stranger.openKind({ case: 'sync', value: { store } }));
    await sync.sync({ case: 'opening', value: opening });
    await mesh.advance(100);
    assert(sync.isOver, 'the stream is reset');
    assert.equal(sync.received.length, 0);
  }
  await control.control({
    case: 'push',
    value: { store: storeOn(mesh, 'a').id, bundle: Uint8Array.of(1, 2, 3) },
  });
  await control.control({
    case: 'join',
    value: { meshTag: tag, invite: new Uint8Array(32), proof: new Uint8Array(64), name: 'x' },
  });
  await control.control({ case: 'addresses', value: { meshTag: tag, peers: [] } });
  await mesh.advance(1_000);
  assert.equal(stranger.ended, undefined, 'asking is no crime');
  const said = control.controlMessages.map(({ case: kind }) => kind);
  assert(!said.includes('addresses') && !said.includes('push'), said.join());

  const handover = await mesh.run(stranger.openKind({ case: 'handover', value: { meshTag: tag } }));
  await handover.sync({ case: 'opening', value: opening });
  await mesh.advance(100);
  const answer = handover.syncMessages[0];
  assert.equal(answer?.case, 'shortIds');
  assert.equal(answer.value.shortIds.length, 0);
  await handover.sync({ case: 'differing', value: {} });
  await mesh.advance(100);
  const differing = handover.syncMessages[1];
  assert.equal(differing?.case, 'differing');
  assert.deepEqual(differing.value.tips, []);
  assertToldNothing(mesh, stranger, { knows: [home.id, storeOn(mesh, 'a').id] });
});

test('a join for a mesh that is not here and one without a token look alike', async () => {
  await using mesh = await secretMesh();
  const stranger = await connect(mesh);
  const control = await mesh.run(stranger.greet());
  const request = { invite: new Uint8Array(32).fill(1), proof: new Uint8Array(64).fill(2), name: '' };
  for (const meshTag of [new Uint8Array(16), tagOf(mesh, 'a', strangerKey.nodeId)]) {
    await control.control({ case: 'join', value: { meshTag, ...request } });
  }
  await mesh.advance(100);
  const replies = control.controlMessages.filter((message) => message.case === 'joinReply');
  assert.equal(replies.length, 2);
  assert.deepEqual(replies[0], replies[1]);
  assertToldNothing(mesh, stranger);
});

test('a handover without a tag that fits is not listened to', async () => {
  await using mesh = await secretMesh();
  const stranger = await connect(mesh);
  await mesh.run(stranger.greet());
  const handover = await mesh.run(
    stranger.openKind({ case: 'handover', value: { meshTag: new Uint8Array(16) } }),
  );
  await mesh.advance(100);
  assert(handover.isOver);
  assertToldNothing(mesh, stranger);
});

test('junk at the door is taken in up to 64 KiB, changes nothing, and what is beyond is refused', async () => {
  await using mesh = await secretMesh();
  const home = meshOn(mesh, 'a');
  const before = home.status();
  const sizeBefore = logBytes(mesh, 'a');

  const stranger = await connect(mesh);
  await mesh.run(stranger.greet([tagOf(mesh, 'a', strangerKey.nodeId)]));
  const junk = new Junk(home.id);
  const { acks, failure } = await handOver(mesh, stranger, () => junk.next(20_000));
  assert.equal(acks, 3, 'three times 20 kB are within 64 KiB');
  assert.match(failure, /65536 bytes/);
  assert(logBytes(mesh, 'a') - sizeBefore < 70_000);
  assert.deepEqual(home.status(), before, 'what does not count is in no digest');
  assertToldNothing(mesh, stranger, { knows: [home.id] });
  await mesh.advance(15_000);
  assert.equal(stranger.ended?.reason, 'no mesh is shared');
});

test('what strangers hand over is bounded for a mesh too, however often they come, and a proof still gets in', async () => {
  await using mesh = await secretMesh();
  const home = meshOn(mesh, 'a');
  const sizeBefore = logBytes(mesh, 'a');
  const transport = mesh.network.transport(strangerKey.nodeId);
  const junk = new Junk(home.id);
  const fill = async (payloadBytes: number): Promise<void> => {
    for (let visit = 0; visit < 40; visit++) {
      const stranger = await connect(mesh, 'a', transport);
      await mesh.run(stranger.greet([tagOf(mesh, 'a', strangerKey.nodeId)]));
      const { failure } = await handOver(mesh, stranger, () => junk.next(payloadBytes), 60);
      stranger.connection.close('enough');
      await mesh.advance(100);
      if (/too much/.test(failure)) return;
    }
    assert.fail('it is refused at last');
  };
  // To the last hundred bytes.
  for (const payloadBytes of [20_000, 1_000, 1]) await fill(payloadBytes);
  assert(logBytes(mesh, 'a') - sizeBefore < 1_200_000);

  // Let in by c alone, which is gone by the time that d comes to a, which has nobody to ask.
  mesh.partition(['a', 'b'], ['c', 'd']);
  await mesh.start('d');
  await join(mesh, 'd', 'c');
  mesh.heal();
  mesh.partition(['a', 'd'], ['b'], ['c']);
  // Sooner than there is room for it again.
  await mesh.until('d is in', () => membersFor(mesh, 'a').includes('d member'), 3_000);
});

test('two meshes that have no member in common do not notice each other', async () => {
  await using mesh = await secretMesh();
  const other = await mesh.start('other');
  await mesh.run(other.createMesh({ name: 'elsewhere' }));
  const received = mesh.record('other');
  const stray = await connect(mesh, 'other');
  await mesh.run(stray.greet());
  await mesh.advance(60_000);
  assert.deepEqual(meshOn(mesh, 'other').peers().length, 1);
  assert(received.length > 0);
});

/** A mesh of three, full of words that nobody else must hear. */
async function secretMesh(): Promise<Nodes> {
  const mesh = await meshOf('a', ['b', 'c'], { seed: 7 });
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'secret-store-name' }));
  await put(mesh, 'a', 'secret-key', 'secret-value');
  await invite(mesh, 'a');
  await mesh.settle();
  return mesh;
}

async function connect(mesh: Nodes, to = 'a', from?: Transport): Promise<RawPeer> {
  const key = to === 'a' ? strangerKey : keyPairFromSeed(new Uint8Array(32).fill(78));
  const transport = from ?? mesh.network.transport(key.nodeId);
  const nodeId = mesh.machine(to).nodeId;
  return mesh.run(RawPeer.dial(transport, { nodeId, direct: [`memory:${toHex(nodeId)}`] }));
}

/** That none of the mesh's secrets is among the bytes that the stranger received, but for what it knew already. */
function assertToldNothing(
  mesh: Nodes,
  stranger: RawPeer,
  { knows = [] }: { knows?: readonly Uint8Array[] } = {},
): void {
  const home = meshOn(mesh, 'a');
  const heard = Buffer.from(stranger.received);
  // The digest of nothing, which that of an empty store is too, is no secret.
  const known = [...knows, blake3('tips', new Uint8Array(0))];
  const secrets = [
    home.id,
    bytes(home.name),
    ...home.stores().flatMap(({ id, name }) => [id, bytes(name)]),
    ...home.stores().map((store) => store.status().digest),
    home.status().digest,
    ...['b', 'c'].map((name) => mesh.machine(name).nodeId),
    bytes('secret'),
  ];
  for (const secret of secrets) {
    if (known.some((one) => Buffer.from(one).equals(secret))) continue;
    assert.equal(heard.indexOf(secret), -1, `${Buffer.from(secret).toString('latin1')} was told`);
  }
}

/** Hands over bundles, at most so many, until it is refused: how many were taken, and the words of the refusal. */
async function handOver(
  mesh: Nodes,
  stranger: RawPeer,
  next: () => Uint8Array,
  most = 10,
): Promise<{ readonly acks: number; readonly failure: string }> {
  const meshTag = tagOf(mesh, 'a', strangerKey.nodeId);
  const handover = await mesh.run(stranger.openKind({ case: 'handover', value: { meshTag } }));
  await handover.sync({ case: 'opening', value: { digest: new Uint8Array(32) } });
  await handover.sync({ case: 'differing', value: {} });
  await handover.sync({ case: 'verdicts', value: { known: [] } });
  for (let index = 0; index < most && !handover.isOver; index++) {
    await handover.sync({ case: 'bundle', value: { index: BigInt(index), bundle: next() } });
    await mesh.advance(100);
  }
  const acks = handover.syncMessages.filter((message) => message.case === 'ack').length;
  const failure = handover.syncMessages.find((message) => message.case === 'failure');
  return { acks, failure: failure?.case === 'failure' ? failure.value.reason : '' };
}

/** A chain of the stranger's own that begins with the mesh. */
class Junk {
  #seq = 0;

  constructor(private prev: Uint8Array) {}

  next(payloadBytes: number): Uint8Array {
    const [bundle, hash] = junkBundle(++this.#seq, this.prev, payloadBytes);
    this.prev = hash;
    return bundle;
  }
}

/** An entry of the stranger's own, properly signed. */
function junkBundle(
  seq: number,
  prev: Uint8Array,
  payloadBytes: number,
): readonly [bundle: Uint8Array, hash: Uint8Array] {
  const entry = {
    author: strangerKey.nodeId,
    seq,
    prev: prev as Bundle['chains'][0]['firstPrev'],
    hlc: 1n as Bundle['entries'][0]['hlc'],
    deps: [],
    payload: new Uint8Array(payloadBytes),
  };
  const hash = hashEntry(entry);
  const signature = sign(strangerKey, 'chain', hash);
  const chain = { author: entry.author, firstSeq: seq, firstPrev: entry.prev, signature };
  return [encodeBundle({ chains: [chain], chainOf: [0], entries: [entry], hashes: [hash] }, 'full'), hash];
}

function logBytes(mesh: Nodes, name: string): number {
  return mesh.machine(name).disk.stores.get(meshOn(mesh, name).uuid)?.log.end ?? 0;
}
