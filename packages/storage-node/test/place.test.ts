import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { DataDirectory } from '@lattice/storage-node';
import type { Host } from '@lattice/storage-node/testing';
import type { SuspectedCopy } from '@lattice/storage';
import { SeededRandom } from '@lattice/testkit';
import { TemporaryDirectory } from './support/temporary-directory.js';

const seed = new Uint8Array(32).fill(0xab);
const nodeId = 'cd'.repeat(32);

const desk = machine('desk');
const laptop = machine('laptop');
/** A container, or a file system, of which nothing is known that lasts. */
const nowhere: Host = { machineId: async () => undefined, fileMark: async () => undefined };

test('a directory that stays where it is, or is renamed, is no copy', async () => {
  await using temporary = await TemporaryDirectory.make();
  const [a, b] = [temporary.join('a'), temporary.join('b')];
  assert.equal(await suspected(a, desk), undefined);
  assert.equal(await suspected(a, desk), undefined);
  await fs.rename(a, b);
  assert.equal(await suspected(b, desk), undefined);
  await fs.symlink(b, a);
  assert.equal(await suspected(a, desk), undefined, 'reached by another path');
});

test('a copy is told from its original, at every start, until somebody says that there is no other', async () => {
  await using temporary = await TemporaryDirectory.make();
  const [a, b] = [temporary.join('a'), temporary.join('b')];
  await suspected(a, desk);
  await copy(a, b);
  const original = await fs.realpath(a);
  for (const host of [desk, desk, nowhere])
    assert.deepEqual(await suspected(b, host), { kind: 'original-beside', original });
  assert.equal(await suspected(a, desk), undefined, 'the original is none');
  await settle(b, desk);
  assert.equal(await suspected(b, desk), undefined);
});

test('a copy whose original is removed was a move', async () => {
  await using temporary = await TemporaryDirectory.make();
  const [a, b] = [temporary.join('a'), temporary.join('b')];
  await suspected(a, desk);
  await copy(a, b);
  await fs.rm(a, { recursive: true });
  assert.equal(await suspected(b, desk), undefined);
  await copy(b, a);
  assert.deepEqual(await suspected(a, desk), { kind: 'original-beside', original: await fs.realpath(b) });
});

test('another node where the original was is not the original', async () => {
  await using temporary = await TemporaryDirectory.make();
  const [a, b] = [temporary.join('a'), temporary.join('b')];
  await suspected(a, desk);
  await copy(a, b);
  await fs.rm(a, { recursive: true });
  await using other = await DataDirectory.open(a, { random: new SeededRandom(2), host: desk });
  await other.identitySeed(() => new Uint8Array(32).fill(1));
  assert.equal(await suspected(b, desk), undefined);
});

test('a directory that comes to another machine is asked about once, and may then travel between the two', async () => {
  await using temporary = await TemporaryDirectory.make();
  const stick = temporary.join('stick');
  await suspected(stick, desk);
  for (let start = 0; start < 2; start++)
    assert.deepEqual(await suspected(stick, laptop), { kind: 'other-machine' });
  assert.equal(await suspected(stick, desk), undefined, 'back where it was');
  await settle(stick, laptop);
  for (const host of [laptop, desk, laptop, desk]) assert.equal(await suspected(stick, host), undefined);
});

test('a directory that is put back from a copy is asked about', async () => {
  await using temporary = await TemporaryDirectory.make();
  const [a, saved] = [temporary.join('a'), temporary.join('saved')];
  await suspected(a, desk);
  await copy(a, saved);
  await fs.rename(a, temporary.join('broken'));
  await copy(saved, a);
  assert.deepEqual(await suspected(a, desk), { kind: 'put-back' });
  assert.deepEqual(await suspected(a, { ...desk, machineId: async () => undefined }), { kind: 'put-back' });
  assert.equal(await suspected(a, nowhere), undefined, 'where files have no lasting marks nothing says so');
  await settle(a, desk);
  assert.equal(await suspected(a, desk), undefined);
});

test('where machines and files cannot be told apart, or change at every start, nothing is suspected', async () => {
  await using temporary = await TemporaryDirectory.make();
  const path = temporary.join('a');
  let starts = 0;
  const container = machine('the same image');
  for (const host of [nowhere, container, nowhere, { ...container, fileMark: async () => undefined }]) {
    assert.equal(await suspected(path, host), undefined, `start ${++starts}`);
  }
});

test('what notes the place may be lost, damaged or of another identity: that is no copy', async () => {
  await using temporary = await TemporaryDirectory.make();
  const path = temporary.join('a');
  await suspected(path, desk);
  const place = `${path}/place`;
  const text = await fs.readFile(place, 'utf8');
  assert.doesNotMatch(text, /desk/, 'the machine’s id is shown to nobody');
  for (const damaged of [
    '',
    '{',
    '[]',
    'null',
    '{"places":1}',
    text.replaceAll('"machine": "', '"machine": 1, "x": "'),
  ]) {
    await fs.writeFile(place, damaged);
    assert.equal(await suspected(path, laptop), undefined, damaged);
  }
  await fs.writeFile(place, text.replace(nodeId, 'ef'.repeat(32)));
  assert.equal(await suspected(path, laptop), undefined);
  await fs.rm(place);
  await fs.mkdir(place);
  assert.equal(await suspected(path, desk), undefined, 'it cannot even be written');
  await assert.rejects(settle(path, desk));
});

test('not more than so many machines are remembered, the latest of them', async () => {
  await using temporary = await TemporaryDirectory.make();
  const path = temporary.join('a');
  await suspected(path, desk);
  for (let i = 0; i < 8; i++) await settle(path, machine(String(i)));
  assert.deepEqual(await suspected(path, desk), { kind: 'other-machine' });
  for (let i = 0; i < 8; i++) assert.equal(await suspected(path, machine(String(i))), undefined);
});

test('this machine is the same one each time it is asked', async () => {
  await using temporary = await TemporaryDirectory.make();
  const path = temporary.join('a');
  for (let start = 0; start < 3; start++) assert.equal(await suspected(path), undefined);
});

function machine(name: string): Host {
  return {
    machineId: async () => name,
    fileMark: async (path) => String((await fs.stat(path, { bigint: true })).ino),
  };
}

async function suspected(path: string, host?: Host): Promise<SuspectedCopy | undefined> {
  await using directory = await open(path, host);
  return await directory.suspectedCopy(nodeId);
}

async function settle(path: string, host: Host): Promise<void> {
  await using directory = await open(path, host);
  await directory.settleHere(nodeId);
}

async function open(path: string, host: Host | undefined): Promise<DataDirectory> {
  const random = new SeededRandom(1);
  const directory = await DataDirectory.open(path, host === undefined ? { random } : { random, host });
  await directory.identitySeed(() => seed);
  return directory;
}

/** As `cp -a` does. */
function copy(from: string, to: string): Promise<void> {
  return fs.cp(from, to, { recursive: true, preserveTimestamps: true });
}
