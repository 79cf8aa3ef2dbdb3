import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Kv, type KvHead, kvHandle, type KvItem, kvMachine } from '@lattice/kvstore';
import {
  compareBytes,
  type IdKey,
  keyBytesMax,
  LatticeError,
  type StoreId,
  utf8,
  valueBytesMax,
} from '@lattice/model';
import { historyKey, ReplicaRig } from '@lattice/testkit';

const genesis = {
  kind: 'store',
  type: 'kv',
  mesh: new Uint8Array(32) as Uint8Array as StoreId,
  random: new Uint8Array(32),
} as const;

describe('a key', () => {
  test('has the value that was put last, and none before, nor after it was deleted', async () => {
    await using node = await Node.open();
    assert.equal(node.get('a'), undefined);
    await node.put('a', '1');
    await node.put('a', '2');
    assert.equal(node.get('a'), '2');
    await node.kv.delete(utf8('a'));
    assert.equal(node.get('a'), undefined);
    await node.put('a', '3');
    assert.equal(node.get('a'), '3');
  });

  test('may hold an empty value, which is not the same as none', async () => {
    await using node = await Node.open();
    await node.put('a', '');
    assert.equal(node.get('a'), '');
    assert.deepEqual(node.list(), ['a=']);
  });

  test('that was deleted and never put has a head all the same', async () => {
    await using node = await Node.open();
    await node.kv.delete(utf8('a'));
    assert.deepEqual(node.list(), []);
    assert.deepEqual(node.heads('a'), ['deleted']);
  });

  test('hands out bytes that are the reader’s to change', async () => {
    await using node = await Node.open();
    await node.put('a', 'value');
    node.kv.get(utf8('a'))?.value.fill(0);
    for (const { value } of node.kv.list()) value.fill(0);
    node.kv.heads(utf8('a'))[0]?.value?.fill(0);
    assert.equal(node.get('a'), 'value');
  });
});

describe('concurrent writes of a key', () => {
  test('stand side by side, the later one in front, the same on both nodes', async () => {
    await using left = await Node.open(1);
    await using right = await Node.open(2);
    await left.put('a', 'left');
    right.rig.time.setNowMs(right.rig.time.nowMs() + 1_000);
    await right.put('a', 'right');
    await left.exchangeWith(right);
    for (const node of [left, right]) {
      assert.equal(node.get('a'), 'right');
      assert.deepEqual(node.heads('a'), ['right', 'left']);
      assert.deepEqual(node.list(), ['a=right!']);
    }
  });

  test('are settled by the next write that sees them', async () => {
    await using left = await Node.open(1);
    await using right = await Node.open(2);
    await left.put('a', 'left');
    await right.put('a', 'right');
    await left.exchangeWith(right);
    await left.put('a', 'settled');
    await left.exchangeWith(right);
    for (const node of [left, right]) {
      assert.deepEqual(node.heads('a'), ['settled']);
      assert.equal(node.kv.get(utf8('a'))?.conflicted, false);
    }
  });

  test('of which the winner deletes leave the key absent, with the other to be looked at', async () => {
    await using left = await Node.open(1);
    await using right = await Node.open(2);
    await left.put('a', 'kept');
    right.rig.time.setNowMs(right.rig.time.nowMs() + 1_000);
    await right.kv.delete(utf8('a'));
    await left.exchangeWith(right);
    for (const node of [left, right]) {
      assert.equal(node.get('a'), undefined);
      assert.deepEqual(node.list(), []);
      assert.deepEqual(node.heads('a'), ['deleted', 'kept']);
    }
  });

  test('are handed out as bytes that are the reader’s to change, the losing ones too', async () => {
    await using left = await Node.open(1);
    await using right = await Node.open(2);
    await left.put('a', 'left');
    await right.put('a', 'right');
    await left.exchangeWith(right);
    const heads = left.heads('a');
    for (const { value } of left.kv.heads(utf8('a'))) value?.fill(0);
    assert.deepEqual(left.heads('a'), heads);
    await using other = await Node.open(3);
    await left.exchangeWith(other);
    assert.deepEqual(other.heads('a'), heads);
  });

  test('at the same time are ordered by author, and never lose one to the other', async () => {
    const nodes = [await Node.open(1), await Node.open(2), await Node.open(3)];
    for (const [index, node] of nodes.entries()) await node.put('a', String(index));
    const [first, ...others] = nodes;
    assert.ok(first);
    for (const other of [...others, ...others]) await first.exchangeWith(other);
    const heads = first.kv.heads(utf8('a'));
    assert.equal(new Set(heads.map(({ time }) => time)).size, 1);
    const authors = heads.map(({ author }) => author);
    assert.deepEqual(authors, [...authors].sort(compareBytes).reverse());
    for (const node of nodes) assert.deepEqual(node.heads('a'), first.heads('a'));
    for (const node of nodes) await node[Symbol.asyncDispose]();
  });

  test('keep what a losing batch wrote to other keys', async () => {
    await using left = await Node.open(1);
    await using right = await Node.open(2);
    await left.kv.batch([
      { kind: 'put', key: utf8('a'), value: utf8('left') },
      { kind: 'put', key: utf8('b'), value: utf8('left') },
    ]);
    right.rig.time.setNowMs(right.rig.time.nowMs() + 1_000);
    await right.put('a', 'right');
    await left.exchangeWith(right);
    assert.deepEqual(right.list(), ['a=right!', 'b=left']);
  });
});

describe('a batch', () => {
  test('is applied in order and seen at once', async () => {
    await using node = await Node.open();
    const seen: string[][] = [];
    node.rig.replica.onCommit(() => seen.push(node.list()));
    await node.kv.batch([
      { kind: 'put', key: utf8('a'), value: utf8('1') },
      { kind: 'put', key: utf8('b'), value: utf8('1') },
      { kind: 'put', key: utf8('a'), value: utf8('2') },
      { kind: 'delete', key: utf8('b') },
      { kind: 'put', key: utf8('c'), value: utf8('3') },
    ]);
    assert.deepEqual(node.list(), ['a=2', 'c=3']);
    await node.rig.replica.settled();
    assert.deepEqual(seen, [['a=2', 'c=3']]);
    assert.deepEqual(node.heads('a'), ['2']);
    assert.equal(node.kv.heads(utf8('a'))[0]?.op, 2);
  });

  test('that fails leaves nothing of it', async () => {
    await using node = await Node.open();
    await node.put('a', '1');
    node.rig.stored.log.failNextAppend('disk-full');
    await rejectsWith(
      node.kv.batch([
        { kind: 'put', key: utf8('a'), value: utf8('2') },
        { kind: 'put', key: utf8('b'), value: utf8('2') },
      ]),
      'disk-full',
    );
    assert.deepEqual(node.list(), ['a=1']);
  });

  test('with one write out of bounds writes none of them', async () => {
    await using node = await Node.open();
    await rejectsWith(
      node.kv.batch([
        { kind: 'put', key: utf8('a'), value: utf8('1') },
        { kind: 'put', key: new Uint8Array(0), value: utf8('1') },
      ]),
      'key-empty',
    );
    assert.deepEqual(node.list(), []);
  });

  test('of nothing writes no entry', async () => {
    await using node = await Node.open();
    await node.kv.batch([]);
    assert.equal(node.rig.replica.status().entries, 0);
  });

  test('larger than an entry is refused, not split', async () => {
    await using node = await Node.open();
    const writes = Array.from({ length: 5 }, (_, i) => ({
      kind: 'put' as const,
      key: utf8(`key ${i}`),
      value: new Uint8Array(valueBytesMax),
    }));
    await rejectsWith(node.kv.batch(writes), 'batch-too-large');
    assert.deepEqual(node.list(), []);
  });

  test('of the same tick as others does not mix with them', async () => {
    await using node = await Node.open();
    await Promise.all(
      [1, 2, 3].map((n) =>
        node.kv.batch(['a', 'b'].map((key) => ({ kind: 'put', key: utf8(key), value: utf8(`${n}`) }))),
      ),
    );
    assert.deepEqual(node.list(), ['a=3', 'b=3']);
    assert.equal(node.rig.replica.status().entries, 1);
  });
});

describe('bounds', () => {
  test('of keys and values can be reached, and not exceeded', async () => {
    await using node = await Node.open();
    const [key, value] = [new Uint8Array(keyBytesMax).fill(0xff), new Uint8Array(valueBytesMax).fill(7)];
    await node.kv.put(key, value);
    assert.deepEqual(node.kv.get(key)?.value, value);
    assert.equal([...node.kv.list({ prefix: key })].length, 1);
    await rejectsWith(node.kv.put(utf8('a'), new Uint8Array(valueBytesMax + 1)), 'value-too-large');
    await rejectsWith(node.kv.put(new Uint8Array(keyBytesMax + 1), value), 'key-too-long');
    await rejectsWith(node.kv.delete(new Uint8Array(keyBytesMax + 1)), 'key-too-long');
    for (const read of [() => node.kv.get(new Uint8Array(0)), () => node.kv.heads(new Uint8Array(0))])
      assert.throws(read, (error) => error instanceof LatticeError && error.code === 'key-empty');
  });
});

describe('a list', () => {
  test('is in bytewise order, an absent key left out', async () => {
    await using node = await Node.open();
    for (const key of ['b', 'aa', 'a', 'é', 'B', 'gone']) await node.put(key, '');
    await node.kv.delete(utf8('gone'));
    assert.deepEqual(node.list(), ['B=', 'a=', 'aa=', 'b=', 'é=']);
    assert.deepEqual(node.list({ reverse: true }), ['é=', 'b=', 'aa=', 'a=', 'B=']);
  });

  test('can be limited to a range, a prefix, both, and a number', async () => {
    await using node = await Node.open();
    for (const key of ['a', 'ab', 'abc', 'ac', 'b', 'ba']) await node.put(key, '');
    const list = (options: Parameters<Kv['list']>[0]) =>
      node
        .list(options)
        .map((item) => item.slice(0, -1))
        .join(' ');
    assert.equal(list({ gte: utf8('ab') }), 'ab abc ac b ba');
    assert.equal(list({ lt: utf8('ab') }), 'a');
    assert.equal(list({ gte: utf8('ab'), lt: utf8('b') }), 'ab abc ac');
    assert.equal(list({ gte: utf8('b'), lt: utf8('ab') }), '');
    assert.equal(list({ prefix: utf8('ab') }), 'ab abc');
    assert.equal(list({ prefix: utf8('a'), gte: utf8('abc') }), 'abc ac');
    assert.equal(list({ prefix: utf8('a'), lt: utf8('abc') }), 'a ab');
    assert.equal(list({ prefix: utf8('b'), gte: utf8('a'), lt: utf8('c') }), 'b ba');
    assert.equal(list({ prefix: utf8('x') }), '');
    assert.equal(list({ prefix: new Uint8Array(0), limit: 2 }), 'a ab');
    assert.equal(list({ reverse: true, limit: 2 }), 'ba b');
    assert.equal(list({ prefix: utf8('a'), reverse: true }), 'ac abc ab a');
    assert.equal(list({ gte: utf8('ab'), lt: utf8('b'), reverse: true, limit: 2 }), 'ac abc');
    assert.equal(list({ limit: 0 }), '');
  });

  test('of a prefix that ends in 0xff goes on to what is behind it', async () => {
    await using node = await Node.open();
    const keys = [[0xfe], [0xff], [0xff, 0], [0xff, 0xff], [0xff, 0xff, 0xff]].map((bytes) =>
      Uint8Array.from(bytes),
    );
    for (const key of keys) await node.kv.put(key, new Uint8Array(0));
    const lengths = (prefix: readonly number[]) =>
      [...node.kv.list({ prefix: Uint8Array.from(prefix) })].map(({ key }) => key.length);
    assert.deepEqual(lengths([0xff]), [1, 2, 2, 3]);
    assert.deepEqual(lengths([0xff, 0xff]), [2, 3]);
  });

  test('goes over as many pages as there are, either way', async () => {
    await using node = await Node.open();
    const keys = Array.from({ length: 700 }, (_, i) => `key ${String(i).padStart(4, '0')}`);
    await node.kv.batch(keys.map((key) => ({ kind: 'put', key: utf8(key), value: utf8('') })));
    // A page of nothing but absent keys is no end.
    await node.kv.batch(keys.slice(100, 500).map((key) => ({ kind: 'delete', key: utf8(key) })));
    const present = [...keys.slice(0, 100), ...keys.slice(500)].map((key) => `${key}=`);
    assert.deepEqual(node.list(), present);
    assert.deepEqual(node.list({ reverse: true }), [...present].reverse());
    assert.deepEqual(node.list({ limit: 257 }), present.slice(0, 257));
    assert.deepEqual(node.list({ gte: utf8('key 0099'), limit: 2 }), ['key 0099=', 'key 0500=']);
  });

  test('that is left early, or written under, does no harm', async () => {
    await using node = await Node.open();
    const keys = Array.from({ length: 600 }, (_, i) => `key ${String(i).padStart(4, '0')}`);
    await node.kv.batch(keys.map((key) => ({ kind: 'put', key: utf8(key), value: utf8('') })));
    for (const { key } of node.kv.list()) if (key.length > 0) break;
    let seen = 0;
    for (const { key } of node.kv.list()) {
      seen++;
      if (seen % 100 === 0) await node.kv.delete(key);
    }
    assert.equal(seen, 600);
    assert.equal(node.list().length, 594);
  });
});

/** A replica of the store with its handle. */
class Node implements AsyncDisposable {
  readonly kv: Kv;

  static async open(author = 1): Promise<Node> {
    return new Node(await ReplicaRig.open({ genesis, machine: kvMachine, key: historyKey(0, author) }));
  }

  private constructor(readonly rig: ReplicaRig) {
    this.kv = kvHandle(rig.replica);
  }

  async put(key: string, value: string): Promise<void> {
    await this.kv.put(utf8(key), utf8(value));
  }

  get(key: string): string | undefined {
    const item = this.kv.get(utf8(key));
    return item && textOf(item.value);
  }

  heads(key: string): string[] {
    return this.kv.heads(utf8(key)).map(headText);
  }

  /** Every present key with its value, and "!" where it is conflicted. */
  list(options?: Parameters<Kv['list']>[0]): string[] {
    return [...this.kv.list(options)].map(itemText);
  }

  async exchangeWith(other: Node): Promise<void> {
    for (const [from, to] of [
      [this.rig, other.rig],
      [other.rig, this.rig],
    ] as const) {
      const end = (2n ** 63n) as Parameters<ReturnType<typeof from.replica.outgoing>['bundles']>[0];
      for (const bundle of from.replica.outgoing(to.replica.tips()).bundles(end))
        await to.receive(bundle, 'full', 'a peer' as IdKey);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rig.close();
  }
}

function headText({ value }: KvHead): string {
  return value ? textOf(value) : 'deleted';
}

function itemText({ key, value, conflicted }: KvItem): string {
  return `${textOf(key)}=${textOf(value)}${conflicted ? '!' : ''}`;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function rejectsWith(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (error) => error instanceof LatticeError && error.code === code);
}
