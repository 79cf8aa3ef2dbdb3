import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyHistory, type Kv, type KvBackend, kvHandle } from '@lattice/kvstore';
import { displayUtf8, utf8 } from '@lattice/model';
import type { ReplicaRig } from '@lattice/testkit';
import { bring, must, open } from './support/store.js';
import { Watcher } from './support/watcher.js';

const large = 200_000;

describe('a large value', () => {
  test('is in the log alone, and found from everywhere', async () => {
    await using rig = await open();
    const kv = kvHandle(rig.replica);
    const watcher = new Watcher(rig);
    await watcher.pull();
    await kv.batch([put('a', 1), { kind: 'put', key: utf8('b'), value: utf8('small') }, put('c', 2)]);
    assert.ok(stateBytes(rig) < 200, `the state has ${stateBytes(rig)} bytes`);
    assert.deepEqual(kv.get(utf8('a'))?.value, filled(1));
    assert.deepEqual(kv.heads(utf8('c'))[0]?.value, filled(2));
    assert.deepEqual(
      [...kv.list()].map(({ value }) => value),
      [filled(1), utf8('small'), filled(2)],
    );
    assert.deepEqual(
      [...keyHistory(rig.replica, utf8('a'))].map(({ value }) => value),
      [filled(1)],
    );
    assert.deepEqual(
      (await must(watcher)).changes.map(({ value }) => value?.length),
      [large, 5, large],
    );
  });

  test('is the reader’s to change', async () => {
    await using rig = await open();
    const kv = kvHandle(rig.replica);
    await kv.batch([put('a', 1), put('b', 2)]);
    kv.get(utf8('a'))?.value.fill(0);
    for (const { value } of kv.list()) value.fill(0);
    const { value } = kv.get(utf8('a')) ?? {};
    kv.get(utf8('b'));
    assert.deepEqual(value, filled(1), 'it is no view of what is read next');
  });

  test('that won against another is read once both are there', async () => {
    await using left = await open(1);
    await using right = await open(2);
    await kvHandle(left.replica).batch([put('a', 1)]);
    right.time.setNowMs(right.time.nowMs() + 1_000);
    await kvHandle(right.replica).batch([put('a', 2)]);
    await bring(left, right);
    await bring(right, left);
    for (const { replica } of [left, right]) {
      const item = kvHandle(replica).get(utf8('a'));
      assert.deepEqual(item, { key: utf8('a'), value: filled(2), conflicted: true });
    }
  });
});

describe('where the log is damaged', () => {
  test('a large value cannot be read, which names its key and what to do, and everything else can', async () => {
    await using rig = await damagedAt('b');
    const kv = kvHandle(rig.replica);
    for (const read of [() => kv.get(utf8('b')), () => kv.heads(utf8('b'))])
      assert.throws(read, { code: 'log-damaged', message: /"b".*store check.*put the key anew/ });
    assert.deepEqual(
      ['a', 'c', 'd'].map((key) => kv.get(utf8(key))?.value.length),
      [large, large, 5],
    );
    await kv.batch([put('b', 9)]);
    assert.deepEqual(kv.get(utf8('b'))?.value, filled(9));
  });

  test('a list gives out what is before, and goes on behind', async () => {
    await using rig = await damagedAt('b');
    const kv = kvHandle(rig.replica);
    for (const [options, wanted] of [
      [{}, 'a'],
      [{ reverse: true }, 'd c'],
    ] as const) {
      const listed: string[] = [];
      const readAll = () => {
        for (const { key } of kv.list(options)) listed.push(displayUtf8(key));
      };
      assert.throws(readAll, { code: 'log-damaged', message: /"b"/ });
      assert.equal(listed.join(' '), wanted);
    }
    assert.equal(keysOf(kv.list({ keysOnly: true })), 'a b c d');
    assert.equal(keysOf(kv.list({ gte: utf8('b0') })), 'c d');
    assert.equal(keysOf(kv.list({ lt: utf8('b') })), 'a');
  });
});

test('a list reads no more large values than it is asked for, nor many ahead', async () => {
  await using rig = await open();
  for (let i = 0; i < 20; i++) await kvHandle(rig.replica).batch([put(`key ${i}`, i)]);
  let payloads = 0;
  const counting = new Proxy(rig.replica, {
    get(target, name) {
      if (name === 'payload') payloads++;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  }) as KvBackend;
  const kv = kvHandle(counting);
  assert.equal([...kv.list({ limit: 2 })].length, 2);
  assert.equal(payloads, 2);
  payloads = 0;
  for (const _ of kv.list()) break;
  assert.ok(payloads <= 6, `${payloads} values were read for one`);
  assert.equal([...kv.list({ reverse: true })].length, 20);
});

/** Keys a to d, b in a record of its own that is damaged then. */
async function damagedAt(key: string): Promise<ReplicaRig> {
  const rig = await open();
  const kv = kvHandle(rig.replica);
  await kv.batch([put('a', 1)]);
  const offset = rig.stored.log.end;
  await kv.batch([put(key, 2)]);
  await kv.batch([put('c', 3), { kind: 'put', key: utf8('d'), value: utf8('small') }]);
  rig.stored.log.damage(offset);
  return rig;
}

function put(key: string, fill: number): Parameters<Kv['batch']>[0][number] {
  return { kind: 'put', key: utf8(key), value: filled(fill) };
}

function filled(fill: number): Uint8Array {
  return new Uint8Array(large).fill(fill);
}

function keysOf(items: ReturnType<Kv['list']>): string {
  return [...items].map(({ key }) => displayUtf8(key)).join(' ');
}

function stateBytes({ replica }: ReplicaRig): number {
  let bytes = 0;
  for (const [key, value] of replica.state.range()) bytes += key.length + value.length;
  return bytes;
}
