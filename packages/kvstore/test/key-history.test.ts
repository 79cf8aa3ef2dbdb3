import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyHistory, type KeyHistoryBackend, type KeyVersion, kvHandle, kvMachine } from '@lattice/kvstore';
import { LatticeError, utf8 } from '@lattice/model';
import { bundleOf, ReplicaRig } from '@lattice/testkit';
import { genesis, key, Story } from './story.js';

const [ann, ben] = [1, 2];

describe('a key’s history', () => {
  test('of a key that was never written is empty, and of no key is refused at once', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine });
    assert.deepEqual([...keyHistory(rig.replica, key)], []);
    const isKeyEmpty = (error: unknown) => error instanceof LatticeError && error.code === 'key-empty';
    assert.throws(() => keyHistory(rig.replica, new Uint8Array()), isKeyEmpty);
  });

  test('has one version an entry, the last that it wrote', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine });
    const kv = kvHandle(rig.replica);
    await kv.put(key, utf8('first'));
    const [one, two, three] = [1, 2, 3].map((n) => ({ kind: 'put', key, value: utf8(`${n}`) }) as const);
    assert(one && two && three);
    await kv.batch([one, two, { kind: 'put', key: utf8('other'), value: utf8('') }, three]);
    await kv.delete(key);
    assert.deepEqual([...keyHistory(rig.replica, key)].map(textOf), ['* deleted', 'o 3', 'o first']);
  });

  test('survives the loss of the state', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine });
    for (const value of ['1', '2', '3']) await kvHandle(rig.replica).put(key, utf8(value));
    const before = [...keyHistory(rig.replica, key)].map(textOf);
    await rig.reopen('state-lost');
    assert.deepEqual([...keyHistory(rig.replica, key)].map(textOf), before);
  });

  test('is there also of what was written before states kept versions: they are computed anew', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine });
    for (const value of ['1', '2', '3']) await kvHandle(rig.replica).put(key, utf8(value));
    const before = [...keyHistory(rig.replica, key)].map(textOf);
    await rig.close();
    const { tables } = rig.stored.state;
    const [meta, state] = [tables.get('meta'), tables.get('state-0')];
    assert(meta && state, 'the state is there');
    meta.set(utf8('layout'), Uint8Array.of(1));
    for (const stateKey of [...state.keys()]) if (stateKey[0] === 2) state.delete(stateKey);
    await rig.open();
    assert.deepEqual([...keyHistory(rig.replica, key)].map(textOf), before);
  });

  test('costs what is read of it, not the store nor the rest of the history', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine });
    const story = new Story();
    await rig.receive(bundleOf(story.tell(ann, 1_000)));
    const counting = new CountingBackend(rig.replica);
    let left = 10;
    for (const _ of keyHistory(counting, key)) if (--left === 0) break;
    assert(counting.entries === 10, `10 entries read, not ${counting.entries}`);
    assert(counting.questions <= 60, `few questions asked, not ${counting.questions}`);
  });

  test('of two long branches that know nothing of each other asks about each version a few times', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine });
    const story = new Story();
    const base = story.tell(ann, 1);
    const [lefts, rights] = [story.tell(ann, 500), story.tell(ben, 500, base)];
    await rig.receive(bundleOf([...base, ...lefts]));
    await rig.receive(bundleOf(rights));
    const merge = story.tell(ann, 1, rights.slice(-1));
    await rig.receive(bundleOf(merge));
    const counting = new CountingBackend(rig.replica);
    const versions = [...keyHistory(counting, key)];
    assert.equal(versions.length, 1_002);
    assert.deepEqual(
      versions.map(({ deps }) => deps.length).filter((count) => count !== 1),
      [2, 0],
    );
    const perVersion = counting.questions / versions.length;
    assert(perVersion < 20, `a few questions for each version, not ${perVersion}`);
  });

  test('of many versions side by side asks no more about each, be they heads or settled since', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine });
    const story = new Story();
    const branches = Array.from({ length: 200 }, (_, author) => story.tell(author, 1));
    for (const branch of branches) await rig.receive(bundleOf(branch));
    const first = new CountingBackend(rig.replica);
    assert.equal([...keyHistory(first, key)].length, 200);
    assert(first.questions < 20 * 200, `a few questions for each head, not ${first.questions} in all`);
    for (let at = 0; at < 200; at += 50)
      await rig.receive(bundleOf(story.tell(250, 1, branches.slice(at, at + 50).flat())));
    const second = new CountingBackend(rig.replica);
    const versions = [...keyHistory(second, key)];
    assert.equal(versions.length, 204);
    assert.equal(versions.filter(({ head }) => head).length, 1);
    assert(second.questions < 20 * 204, `a few questions for each version, not ${second.questions}`);
  });
});

/** Counts what is asked of a store. */
class CountingBackend implements KeyHistoryBackend {
  entries = 0;
  questions = 0;
  readonly #replica: ReplicaRig['replica'];

  constructor(replica: ReplicaRig['replica']) {
    this.#replica = replica;
  }

  get state(): KeyHistoryBackend['state'] {
    this.questions++;
    return this.#replica.state;
  }

  payload(...args: Parameters<KeyHistoryBackend['payload']>) {
    this.entries++;
    return this.#replica.payload(...args);
  }

  info(...args: Parameters<KeyHistoryBackend['info']>) {
    this.questions++;
    return this.#replica.info(...args);
  }

  sees(...args: Parameters<KeyHistoryBackend['sees']>) {
    this.questions++;
    return this.#replica.sees(...args);
  }

  chainOf(...args: Parameters<KeyHistoryBackend['chainOf']>) {
    this.questions++;
    return this.#replica.chainOf(...args);
  }
}

function textOf({ head, value }: KeyVersion): string {
  return `${head ? '*' : 'o'} ${value ? new TextDecoder().decode(value) : 'deleted'}`;
}
