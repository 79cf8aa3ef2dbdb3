import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IdKey, idKey, type NodeId, parseNodeId } from '@lattice/model';
import type { Transport } from '@lattice/net-types';
import type { StoreStorage } from '@lattice/storage';
import { type MachinePorts, MeshHarness, SeededRandom } from '@lattice/testkit';

/** The least that can be called a node: it has a log, a beat, and a place on the network. */
class ToyNode implements AsyncDisposable {
  beats = 0;
  readonly ports: MachinePorts;
  readonly transport: Transport;
  readonly #store: StoreStorage;
  readonly #self: NodeId;

  static async open(ports: MachinePorts): Promise<ToyNode> {
    const seed = await ports.storage.identitySeed(() => ports.random.bytes(32));
    const isThere = (await ports.storage.stores()).includes('toy');
    const store = isThere
      ? await ports.storage.openStore('toy')
      : await ports.storage.createStore('toy', new Uint8Array(0));
    return new ToyNode(ports, await ports.openTransport(seed), store);
  }

  private constructor(ports: MachinePorts, transport: Transport, store: StoreStorage) {
    this.ports = ports;
    this.transport = transport;
    this.#store = store;
    this.#self = transport.nodeId;
    this.#beat();
  }

  get records(): number {
    return [...this.#store.log.scan(0)].length;
  }

  async write(): Promise<void> {
    await this.#store.log.append([Uint8Array.of(1)]);
  }

  holdings() {
    const tips = [{ author: this.#self, seq: this.records }];
    const store = {
      store: 'toys',
      digest: Uint8Array.of(this.records),
      tips,
      remark: `${this.records} toys`,
    };
    return [{ mesh: 'nursery', stores: [store] }];
  }

  stopBeating: () => void = () => undefined;

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopBeating();
    await this.transport[Symbol.asyncDispose]();
    await this.ports.storage[Symbol.asyncDispose]();
  }

  #beat(): void {
    this.beats++;
    this.stopBeating = this.ports.timers.after(1_000, () => this.#beat());
  }
}

function toys(seed = 1): MeshHarness<ToyNode> {
  return new MeshHarness<ToyNode>({
    open: (ports) => ToyNode.open(ports),
    holdingsOf: (node) => node.holdings(),
    seed,
  });
}

test('a stopped node is back with what is on its disk, and with its key', async () => {
  await using mesh = toys();
  const node = await mesh.start('a');
  await mesh.run(node.write());
  const again = await mesh.restart('a');
  assert.notEqual(again, node);
  assert.equal(again.records, 1);
  assert.deepEqual(again.transport.nodeId, node.transport.nodeId);
});

test('a killed node does nothing more, not even what it had begun', async () => {
  await using mesh = toys();
  const [a, b] = [await mesh.start('a'), await mesh.start('b')];
  await mesh.advance(5_000);
  const beats = a.beats;
  let isWritten = false;
  let hasHeard = false;
  void a.transport.accept().then(() => (hasHeard = true));
  await mesh.kill('a');
  void a.write().then(() => (isWritten = true));
  await mesh.advance(60_000);
  assert.deepEqual([a.beats, isWritten, hasHeard], [beats, false, false]);
  assert(b.beats > beats, 'the other one lives on');
  assert.equal((await mesh.start('a')).records, 0);
});

test('a node can be killed at any durable step, before it is taken', async () => {
  await using mesh = toys();
  const node = await mesh.start('a');
  mesh.machine('a').killAtStep(3);
  let written = 0;
  const write = () => node.write().then(() => written++);
  void write().then(write).then(write).then(write);
  await mesh.advance(10);
  assert.equal(written, 2);
  assert.deepEqual(mesh.running, []);
  assert.equal((await mesh.start('a')).records, 2);
});

test('a node that leaves a timer behind when it is closed is found out', async () => {
  const mesh = toys();
  const node = await mesh.start('a');
  node.stopBeating = () => undefined;
  await assert.rejects(mesh.stop('a'), /leaves no timers behind/);
});

test('what nobody lacks is settled at once, and what somebody lacks is told by name', async () => {
  await using mesh = toys();
  for (const name of ['a', 'b']) await mesh.start(name);
  assert.equal(await mesh.settle(), 0);
  await mesh.run(mesh.node('a').write());
  await mesh.run(mesh.node('a').write());
  await mesh.run(mesh.node('b').write());
  await assert.rejects(mesh.settle({ withinMs: 1_000 }), (error: Error) => {
    assert.match(error.message, /within 1000 ms.*seed 1/);
    assert.match(error.message, /mesh nursery, store toys:\n {2}a: digest 02, 2 toys, lacks b 1\.\.1/);
    assert.match(error.message, /\n {2}b: digest 01, 1 toys, lacks a 1\.\.2/);
    return true;
  });
  assert.equal(await mesh.settle({ nodes: ['a'] }), 0);
});

test('parted nodes do not reach each other, until the partition is healed', async () => {
  await using mesh = toys();
  const [a, b] = [await mesh.start('a'), await mesh.start('b')];
  mesh.partition(['a'], ['b']);
  const dial = a.transport.connect(b.transport.address(), new AbortController().signal);
  await assert.rejects(mesh.run(dial), { code: 'dial-failed' });
  mesh.heal();
  await mesh.run(a.transport.connect(b.transport.address(), new AbortController().signal));
});

test('each node has a wall clock of its own', async () => {
  await using mesh = toys();
  const [a, b] = [await mesh.start('a'), await mesh.start('b')];
  mesh.skew('a', 3_600_000);
  assert.equal(a.ports.clock.nowMs() - b.ports.clock.nowMs(), 3_600_000);
});

test('the same seed makes the same keys and the same chance, another one others', async () => {
  const keys = async (seed: number): Promise<IdKey> => {
    await using mesh = toys(seed);
    const { transport, ports } = await mesh.start('a');
    return (idKey(transport.nodeId) + idKey(parseNodeId(ports.random.bytes(32)))) as IdKey;
  };
  assert.equal(await keys(5), await keys(5));
  assert.notEqual(await keys(5), await keys(6));
});

test('seeded chance is even enough', () => {
  const random = new SeededRandom(1);
  const drawn = Array.from({ length: 10_000 }, () => random.below(10));
  for (let i = 0; i < 10; i++) {
    const count = drawn.filter((number) => number === i).length;
    assert(count > 850 && count < 1_150, `${i}: ${count} times`);
  }
  assert.equal(new Set(random.bytes(1_000)).size > 240, true);
});
