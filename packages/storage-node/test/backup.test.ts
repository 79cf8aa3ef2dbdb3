import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { DataDirectory, NodeFiles, restoreBackup, SegmentLog } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import { TemporaryDirectory } from './support/temporary-directory.js';

const uuid = '060e0f0d-1111-8111-8111-111111111111';
const closedUuid = '060e0f0d-2222-8222-8222-222222222222';
const random = new SeededRandom(1);
const seed = new Uint8Array(32).fill(0xab);
const options = { nodeId: 'ab'.repeat(32), createdMs: 1_700_000_000_000 };

test('what was acknowledged before a backup is in it, whole, while writes go on', async () => {
  await using rig = await Rig.make();
  await rig.makeSegments(5);
  await using directory = await rig.open();
  await using store = await directory.openStore(uuid);
  const before = recordsOf(store.log);
  let copied = false;
  const writing = (async () => {
    for (let i = 0; !copied; i++) await store.log.append([random.bytes(3_000), utf8(`later ${i}`)]);
  })();
  const report = await directory.backUp(rig.backup, options);
  copied = true;
  await writing;
  assert.equal(report.stores, 2);

  const manifest = await restoreBackup(rig.backup, rig.restored);
  assert.equal(manifest.nodeId, options.nodeId);
  assert.equal(fs.statSync(rig.backup).mode & 0o777, 0o700);
  for (const path of [rig.backup, rig.restored])
    assert.equal(fs.statSync(`${path}/identity.key`).mode & 0o777, 0o600);
  assert.ok(!fs.existsSync(`${rig.restored}/stores/${uuid}/state.db`));

  await using again = await DataDirectory.open(rig.restored, { random });
  assert.deepEqual(again.repairs, []);
  assert.deepEqual(await again.identitySeed(() => new Uint8Array(32)), seed);
  assert.deepEqual(again.meta.table('hints').get(utf8('name')), utf8('desk'));
  assert.deepEqual(await again.stores(), [uuid, closedUuid]);
  await using restored = await again.openStore(uuid);
  assert.deepEqual(restored.repairs, []);
  const after = recordsOf(restored.log);
  assert.ok(after.length >= before.length);
  assert.deepEqual(after, recordsOf(store.log).slice(0, after.length));
  await restored.log.append([utf8('goes on')]);
  await using closed = await again.openStore(closedUuid);
  assert.deepEqual(recordsOf(closed.log), ['closed']);
});

test('what is damaged is copied as it is, and named: in any segment, of stores that are open and that are not', async () => {
  await using rig = await Rig.make();
  await rig.makeSegments(3);
  await using directory = await rig.open();
  await using store = await directory.openStore(uuid);
  assert.deepEqual((await directory.backUp(`${rig.root}/whole`, options)).damaged, []);
  const items = [...store.log.scan(0)];
  const [second, last] = [items[1], items.at(-2)];
  assert.ok(second && last);
  const closedRecordAt = items[0]?.offset ?? 0;
  for (const [name, offset] of [
    [uuid, second.offset],
    [uuid, last.offset],
    [closedUuid, closedRecordAt],
  ] as const)
    flip(`${rig.data}/stores/${name}`, offset);
  const { damaged } = await directory.backUp(rig.backup, options);
  const found = damaged.map(({ store: name, offset }) => [name, offset]);
  assert.deepEqual(
    found.filter(([name]) => name === uuid).sort(([, a], [, b]) => Number(a) - Number(b)),
    [
      [uuid, second.offset],
      [uuid, last.offset],
    ],
  );
  assert.equal(found.filter(([name]) => name === closedUuid).length, 1);
});

test('a backup goes to a folder of its own, outside the data directory', async () => {
  await using rig = await Rig.make();
  await using directory = await rig.open();
  fs.mkdirSync(`${rig.root}/full`);
  fs.writeFileSync(`${rig.root}/full/file`, 'mine');
  fs.symlinkSync(rig.data, `${rig.root}/link`);
  for (const [target, code] of [
    [rig.data, 'backup-target-inside'],
    [`${rig.data}/stores/backup`, 'backup-target-inside'],
    [`${rig.root}/link/backup`, 'backup-target-inside'],
    [`${rig.root}/full`, 'backup-target-not-empty'],
    [`${rig.root}/full/file`, 'backup-target-not-a-directory'],
    ['/proc/backup', 'backup-target-not-writable'],
  ] as const)
    await assert.rejects(directory.backUp(target, options), { code }, target);
  assert.equal(fs.readFileSync(`${rig.root}/full/file`, 'utf8'), 'mine');
  assert.deepEqual(await directory.stores(), [uuid, closedUuid]);
});

test('a backup that is called off leaves nothing, and the next one is made', async () => {
  await using rig = await Rig.make();
  await using directory = await rig.open();
  for (const isThere of [false, true]) {
    if (isThere) fs.mkdirSync(rig.backup);
    const abort = new AbortController();
    const onProgress = () => abort.abort();
    await assert.rejects(directory.backUp(rig.backup, { ...options, signal: abort.signal, onProgress }), {
      name: 'AbortError',
    });
    assert.deepEqual(fs.existsSync(rig.backup) ? fs.readdirSync(rig.backup) : 'gone', isThere ? [] : 'gone');
  }
  await directory.backUp(rig.backup, options);
});

test('closing a data directory ends the backup under way', async () => {
  await using rig = await Rig.make();
  const directory = await rig.open();
  const backup = directory.backUp(rig.backup, {
    ...options,
    onProgress: () => void directory[Symbol.asyncDispose](),
  });
  await assert.rejects(backup, { name: 'AbortError' });
  assert.ok(!fs.existsSync(rig.backup));
});

test('while a backup is made, closed stores stay closed, none is deleted, and new ones are made', async () => {
  await using rig = await Rig.make();
  await using directory = await rig.open();
  const order: string[] = [];
  const made = '060e0f0d-3333-8333-8333-333333333333';
  let asked: Promise<unknown> | undefined;
  const onProgress = () => {
    asked ??= Promise.all([
      directory.openStore(closedUuid).then(() => order.push('opened')),
      directory.deleteStore(uuid).then(() => order.push('deleted')),
    ]);
  };
  const backup = directory.backUp(rig.backup, { ...options, onProgress }).then(() => order.push('backed up'));
  await using _ = await directory.createStore(made, utf8('genesis'));
  await backup;
  await asked;
  assert.equal(order[0], 'backed up');
  assert.deepEqual(order.toSorted(), ['backed up', 'deleted', 'opened']);
  await restoreBackup(rig.backup, rig.restored);
});

test('a backup that was cut off, is damaged, lies, or is of a newer program is not restored', async () => {
  await using rig = await Rig.make();
  {
    await using directory = await rig.open();
    await directory.backUp(rig.backup, options);
  }
  const manifestPath = `${rig.backup}/backup.json`;
  const text = fs.readFileSync(manifestPath, 'utf8');
  const manifest = JSON.parse(text) as { files: { path: string }[] };
  const refuses = async (code: string) => {
    await assert.rejects(restoreBackup(rig.backup, rig.restored), { code });
    assert.deepEqual(fs.existsSync(rig.restored) ? fs.readdirSync(rig.restored) : [], []);
  };
  for (const { path } of manifest.files) {
    const file = `${rig.backup}/${path}`;
    const bytes = fs.readFileSync(file);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length - 1] = (flipped[bytes.length - 1] ?? 0) ^ 1;
    for (const other of [flipped, bytes.subarray(1), Buffer.concat([bytes, Buffer.alloc(1)])]) {
      fs.writeFileSync(file, other);
      await refuses('backup-damaged');
    }
    fs.rmSync(file);
    await refuses('backup-damaged');
    fs.writeFileSync(file, bytes);
  }
  for (const [lie, code] of [
    [text.replace('"identity.key"', '"../identity.key"'), 'backup-damaged'],
    [text.replace('"version"', '"stores/x/state.db"'), 'backup-damaged'],
    [text.replace('"format": 1', '"format": 2'), 'backup-newer'],
    [text.slice(0, -9), 'backup-damaged'],
    ['[]', 'backup-damaged'],
  ] as const) {
    fs.writeFileSync(manifestPath, lie);
    await refuses(code);
  }
  fs.rmSync(manifestPath);
  await refuses('backup-not-found');
  fs.writeFileSync(manifestPath, text);
  await restoreBackup(rig.backup, rig.restored);
});

test('a restore goes where nothing is, and one that was cut off is begun again', async () => {
  await using rig = await Rig.make();
  {
    await using directory = await rig.open();
    await directory.backUp(rig.backup, options);
  }
  await assert.rejects(restoreBackup(rig.backup, rig.data), { code: 'data-dir-not-empty' });
  const abort = new AbortController();
  const onProgress = () => abort.abort();
  await assert.rejects(restoreBackup(rig.backup, rig.restored, { signal: abort.signal, onProgress }), {
    name: 'AbortError',
  });
  assert.deepEqual(fs.readdirSync(rig.restored), []);

  // What a process leaves that is killed half-way.
  fs.writeFileSync(`${rig.restored}/restoring`, 'from somewhere\n');
  fs.writeFileSync(`${rig.restored}/lock`, '');
  fs.cpSync(`${rig.backup}/identity.key`, `${rig.restored}/identity.key`);
  fs.mkdirSync(`${rig.restored}/stores`);
  await assert.rejects(DataDirectory.open(rig.restored, { random }), { code: 'data-dir-half-restored' });
  await restoreBackup(rig.backup, rig.restored);
  assert.ok(fs.existsSync(`${rig.restored}/lock`));
  await using restored = await DataDirectory.open(rig.restored, { random });
  assert.deepEqual(await restored.stores(), [uuid, closedUuid]);
});

function recordsOf(log: SegmentLog | { scan: SegmentLog['scan'] }): readonly string[] {
  return [...log.scan(0)].map((item) =>
    item.kind === 'record' ? Buffer.from(item.record).toString('latin1') : 'damaged',
  );
}

/** Changes a byte of the record that begins at that offset of a store's log. */
function flip(store: string, offset: number): void {
  const [segment, position] = [Math.floor(offset / 2 ** 32), offset % 2 ** 32];
  const path = `${store}/logs/${(segment * 2 ** 32).toString(16).padStart(16, '0')}.log`;
  const bytes = fs.readFileSync(path);
  bytes[position + 13] = (bytes[position + 13] ?? 0) ^ 1;
  fs.writeFileSync(path, bytes);
}

/** A data directory with an identity, a hint and two stores, and places beside it. */
class Rig implements AsyncDisposable {
  private constructor(private readonly directory: TemporaryDirectory) {}

  static async make(): Promise<Rig> {
    const rig = new Rig(await TemporaryDirectory.make());
    await using directory = await rig.open();
    await directory.identitySeed(() => seed);
    const hints = directory.meta.table('hints');
    directory.meta.transaction(() => hints.put(utf8('name'), utf8('desk')));
    await using store = await directory.createStore(uuid, utf8('genesis'));
    await store.log.append([utf8('first')]);
    await using closed = await directory.createStore(closedUuid, utf8('another genesis'));
    await closed.log.append([utf8('closed')]);
    return rig;
  }

  get root(): string {
    return this.directory.path;
  }

  get data(): string {
    return this.directory.join('data');
  }

  get backup(): string {
    return this.directory.join('backup');
  }

  get restored(): string {
    return this.directory.join('restored');
  }

  open(): Promise<DataDirectory> {
    return DataDirectory.open(this.data, { random });
  }

  /** Gives the first store a log of so many segments and one that was begun. */
  async makeSegments(count: number): Promise<void> {
    const files = new NodeFiles(`${this.data}/stores/${uuid}/logs`);
    await using log = await SegmentLog.open(files, { segmentBytes: 50_000 });
    for (let i = 0; i < count; i++) await log.append([random.bytes(60_000)]);
    await log.append([utf8('in the last one')]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.directory[Symbol.asyncDispose]();
  }
}
