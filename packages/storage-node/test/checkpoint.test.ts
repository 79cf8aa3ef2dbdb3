import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { DataDirectory } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import { Child } from './support/child.js';
import { skipWithoutMounts as skip, SmallDisk } from './support/small-disk.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const uuid = '060e0f0d-1111-8111-8111-111111111111';
const random = new SeededRandom(1);
const key = utf8('key');

test('a crash of the machine leaves the state as it was when its checkpoint was kept', async () => {
  await using rig = await Rig.make();
  await rig.visit({ write: ['one', 'keep', 'two', 'three'] });
  for (let i = 0; i < 2; i++) {
    rig.crash();
    const { found, repairs } = await rig.visit({});
    assert.equal(found, 'one');
    assert.deepEqual(repairs, [
      'state.db was left behind by a crash of the machine: its checkpoint took its place.',
    ]);
  }
  await rig.visit({ write: ['four', 'keep', 'five'] });
  rig.crash();
  assert.equal((await rig.visit({})).found, 'four');
  assert.deepEqual(await rig.visit({}), { found: 'four', repairs: [] });
});

test('a state that is damaged goes back to its checkpoint', async () => {
  await using rig = await Rig.make();
  await rig.visit({ write: ['one', 'keep', 'two'] });
  fs.truncateSync(rig.state, 5_000);
  const { found, repairs } = await rig.visit({});
  assert.equal(found, 'one');
  assert.match(repairs.join(), /^state.db is damaged .*: its checkpoint took its place.$/);
});

test('a checkpoint in the making does not touch the one before, and is removed', async () => {
  await using rig = await Rig.make();
  await rig.visit({ write: ['one', 'keep', 'two'] });
  const half = fs.readFileSync(rig.checkpoint).subarray(0, 9_000);
  fs.writeFileSync(`${rig.checkpoint}.tmp`, half);
  rig.crash();
  assert.equal((await rig.visit({})).found, 'one');
  assert.ok(!fs.existsSync(`${rig.checkpoint}.tmp`));
});

test('a damaged checkpoint is discarded, whatever the damage', async () => {
  await using rig = await Rig.make();
  await rig.visit({ write: ['one', 'keep', 'two'] });
  const whole = fs.readFileSync(rig.checkpoint);
  const cuts = [0, 1, 23, 24, 4_096, whole.length - 1].map((length) => whole.subarray(0, length));
  const places = [
    0,
    30,
    5_000,
    whole.length >> 1,
    ...Array.from({ length: 24 }, (_, i) => whole.length - 1 - i),
  ];
  const flips = places.map((place) => {
    const bytes = Buffer.from(whole);
    bytes[place] = (bytes[place] ?? 0) ^ 0x10;
    return bytes;
  });
  for (const bytes of [...cuts, ...flips, Buffer.concat([whole, Buffer.alloc(1)])]) {
    fs.writeFileSync(rig.checkpoint, bytes);
    rig.crash();
    const { found, repairs } = await rig.visit({});
    assert.equal(found, undefined);
    assert.match(repairs.join(), /^state.db was left behind by a crash .*: discarded, to be made anew.$/);
    assert.ok(!fs.existsSync(rig.checkpoint));
  }
});

test('what may have ended the process is not put in place again', async () => {
  for (const left of ['opening 0 run', 'open 5 run', 'nonsense']) {
    await using rig = await Rig.make();
    await rig.visit({ write: ['one', 'keep', 'two'] });
    fs.writeFileSync(`${rig.state}-guard`, `${left}\n`);
    assert.equal((await rig.visit({})).found, undefined);
    assert.ok(!fs.existsSync(rig.checkpoint));
  }
});

test('a state that somebody removed is made anew, and not from its checkpoint', async () => {
  await using rig = await Rig.make();
  await rig.visit({ write: ['one', 'keep', 'two'] });
  fs.rmSync(rig.state);
  assert.deepEqual(await rig.visit({}), { found: undefined, repairs: [] });
  assert.ok(!fs.existsSync(rig.checkpoint));
});

test('a checkpoint that was dropped does not come back', async () => {
  await using rig = await Rig.make();
  await rig.visit({ write: ['one', 'keep', 'two', 'drop'] });
  rig.crash();
  assert.equal((await rig.visit({})).found, undefined);
});

test('a store may be closed while its checkpoint is being kept', async () => {
  await using rig = await Rig.make();
  await using directory = await rig.open();
  const store = await directory.openStore(uuid);
  const table = store.state.table('t');
  store.state.transaction(() => table.put(key, utf8('one')));
  const kept = store.keepCheckpoint();
  await store[Symbol.asyncDispose]();
  await kept;
  rig.crash();
  await directory[Symbol.asyncDispose]();
  assert.equal((await rig.visit({})).found, 'one');
});

test('a process that is killed while it keeps checkpoints leaves the last one, whole', async () => {
  await using rig = await Rig.make();
  for (let round = 0; round < 4; round++) {
    fs.rmSync(rig.checkpoint, { force: true });
    await using child = new Child({ kind: 'keep-checkpoints', path: rig.path, uuid, bootId: 'run' });
    const reports = (await child.reported(3 + 3 * round)) as readonly { readonly kept?: number }[];
    const before = Math.max(...reports.map(({ kept = 0 }) => kept));
    const after = (await child.kill()).reports as readonly { readonly begun?: number }[];
    const begun = Math.max(...after.map(({ begun: one = 0 }) => one));
    await using directory = await rig.open('another run');
    await using store = await directory.openStore(uuid);
    const values = new Set([...store.state.table('t').range()].map(([, value]) => value.join()));
    const [value = ''] = [...values];
    const found = Number(value.split(',')[0]);
    assert.equal(values.size, 1, 'of one commit');
    assert.ok(found >= before && found <= begun, `found ${found}, kept ${before}, begun ${begun}`);
    assert.match(store.repairs.join(), /its checkpoint took its place/);
  }
});

test('a disk that would get full keeps the checkpoint there is, and goes on', { skip }, async () => {
  await using disk = await SmallDisk.make();
  await using directory = await DataDirectory.open(disk.path, { random });
  await using store = await directory.createStore(uuid, utf8('genesis'));
  const table = store.state.table('t');
  store.state.transaction(() => table.put(key, utf8('one')));
  await assert.rejects(store.keepCheckpoint(), { code: 'disk-full' });
  store.state.transaction(() => table.put(key, utf8('two')));
  await store.log.append([utf8('a record')]);
  assert.deepEqual(
    fs.readdirSync(`${disk.path}/stores/${uuid}`).filter((name) => name.includes('checkpoint')),
    [],
  );
});

/** A data directory with one store, in which a key is written and looked for. */
class Rig implements AsyncDisposable {
  private constructor(private readonly directory: TemporaryDirectory) {}

  static async make(): Promise<Rig> {
    const rig = new Rig(await TemporaryDirectory.make());
    await using directory = await rig.open();
    await using _ = await directory.createStore(uuid, utf8('genesis'));
    return rig;
  }

  get path(): string {
    return this.directory.path;
  }

  get state(): string {
    return this.directory.join('stores', uuid, 'state.db');
  }

  get checkpoint(): string {
    return this.directory.join('stores', uuid, 'state.checkpoint');
  }

  open(bootId = 'run'): Promise<DataDirectory> {
    return DataDirectory.open(this.path, { random, bootId });
  }

  /** Opens the store, tells what it finds, and does all that, one after the other. */
  async visit({ write = [] }: { readonly write?: readonly string[] }) {
    await using directory = await this.open();
    await using store = await directory.openStore(uuid);
    const table = store.state.table('t');
    const value = table.get(key);
    for (const word of write) {
      if (word === 'keep') await store.keepCheckpoint();
      else if (word === 'drop') await store.dropCheckpoint();
      else store.state.transaction(() => table.put(key, utf8(word)));
    }
    return { found: value && Buffer.from(value).toString(), repairs: store.repairs };
  }

  /** Leaves the state as a crash of the machine may. */
  crash(): void {
    fs.writeFileSync(`${this.state}-guard`, 'open 0 an earlier run\n');
    const bytes = fs.readFileSync(this.state);
    // What is behind the two meta pages, by which it would be found damaged before.
    fs.writeFileSync(this.state, bytes.fill(0xee, 2 * 4096));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.directory[Symbol.asyncDispose]();
  }
}
