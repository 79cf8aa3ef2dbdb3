import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { toHex } from '@lattice/model';
import { DataDirectory } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import { TemporaryDirectory } from './support/temporary-directory.js';

const nodeId = 'cd'.repeat(32);
const seeds = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
const [first, second, third] = seeds;

test('a successor waits for its owner alone, and takes the place of the identity with nothing left behind', async () => {
  await using temporary = await TemporaryDirectory.make();
  await using directory = await open(temporary.path);
  assert.deepEqual(await directory.successorSeed(nodeId, () => seedOf(second)), second);
  const next = temporary.join('identity.next');
  assert.equal((await fs.stat(next)).mode & 0o777, 0o600);
  await directory.succeed();
  assert.equal(await fs.readFile(temporary.join('identity.key'), 'utf8'), `${toHex(seedOf(second))}\n`);
  assert.equal((await fs.stat(temporary.join('identity.key'))).mode & 0o777, 0o600);
  await assert.rejects(fs.stat(next), { code: 'ENOENT' });
});

test('cut off after the exchange, the successor is the identity, and the next rotation begins anew', async () => {
  await using temporary = await TemporaryDirectory.make();
  await using directory = await open(temporary.path);
  await directory.successorSeed(nodeId, () => seedOf(second));
  await fs.writeFile(temporary.join('identity.key'), `${toHex(seedOf(second))}\n`);
  assert.deepEqual(await directory.identitySeed(() => seedOf(first)), second);
  assert.deepEqual(await directory.successorSeed(nodeId, () => seedOf(third)), third);
});

test('a successor that was copied here is not used: it may be where it comes from', async () => {
  await using temporary = await TemporaryDirectory.make();
  const [a, b] = [temporary.join('a'), temporary.join('b')];
  {
    await using directory = await open(a);
    await directory.successorSeed(nodeId, () => seedOf(second));
  }
  await fs.cp(a, b, { recursive: true });
  await using copy = await open(b);
  assert.deepEqual(await copy.successorSeed(nodeId, () => seedOf(third)), third);
  await using original = await open(a);
  assert.deepEqual(await original.successorSeed(nodeId, () => seedOf(third)), second);
});

test('a successor that cannot be read is made again', async () => {
  await using temporary = await TemporaryDirectory.make();
  await using directory = await open(temporary.path);
  for (const damaged of ['', '{', 'null', '{"seed":"00","machine":"","path":""}', '{"seed":1}']) {
    await fs.writeFile(temporary.join('identity.next'), damaged);
    assert.deepEqual(await directory.successorSeed(nodeId, () => seedOf(third)), third, damaged);
  }
});

async function open(path: string): Promise<DataDirectory> {
  const directory = await DataDirectory.open(path, { random: new SeededRandom(1) });
  await directory.identitySeed(() => seedOf(first));
  return directory;
}

function seedOf(seed: Uint8Array | undefined): Uint8Array {
  assert(seed);
  return seed;
}
