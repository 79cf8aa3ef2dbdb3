import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { openGuardedKv } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import { Child, type ChildEnd } from './support/child.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const bootId = 'this run';
const keys = 300;
const pageBytes = 4096;

/** What a killed process left: a state of 300 keys in some 15 pages, and its guard. */
const left = await (async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('state.db');
  await using child = new Child({ kind: 'fill-kv', path, bootId, keys });
  await child.reported(1);
  await child.kill();
  return { state: fs.readFileSync(path), guard: fs.readFileSync(`${path}-guard`) };
})();

/** The same, in a place of its own. */
class KilledState implements AsyncDisposable {
  private constructor(private readonly directory: TemporaryDirectory) {}

  static async make(): Promise<KilledState> {
    const killed = new KilledState(await TemporaryDirectory.make());
    killed.restore();
    return killed;
  }

  get path(): string {
    return this.directory.join('state.db');
  }

  restore(state: Uint8Array = left.state): void {
    fs.writeFileSync(this.path, state);
    fs.writeFileSync(`${this.path}-guard`, left.guard);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.directory[Symbol.asyncDispose]();
  }
}

const use = (path: string) => Child.run({ kind: 'use-kv', path, bootId });

function assertUsed(
  { reports, signal, stderr }: ChildEnd,
  expected: { repairs?: RegExp; keys: number },
): void {
  assert.equal(signal, null, stderr);
  const [opened, used] = reports as [{ repairs: string[] }, { keys: number }];
  if (expected.repairs === undefined) assert.deepEqual(opened.repairs, []);
  else assert.match(opened.repairs.join(), expected.repairs);
  assert.deepEqual(used, { keys: expected.keys });
}

test('what a killed process had written is there', async () => {
  await using killed = await KilledState.make();
  const { path } = killed;
  assertUsed(await use(path), { keys });
});

const random = new SeededRandom(1);
const wholeFile: Readonly<Record<string, (path: string) => void>> = {
  'random bytes': (path) => fs.writeFileSync(path, random.bytes(50_000)),
  zeros: (path) => fs.writeFileSync(path, new Uint8Array(50_000)),
  'an empty file': (path) => fs.writeFileSync(path, ''),
  'a text': (path) => fs.writeFileSync(path, 'hello\n'),
  'both metas of zeros': (path) => overwrite(path, 0, new Uint8Array(2 * pageBytes)),
  'the second meta of zeros': (path) => overwrite(path, pageBytes, new Uint8Array(pageBytes)),
  'a magic number that is wrong': (path) => overwrite(path, 24, Uint8Array.of(0)),
  'a page size that is wrong': (path) => overwrite(path, 48, Uint8Array.of(0, 0x20)),
  'a last page beyond the end': (path) => overwrite(path, 24 + 120, Uint8Array.of(0xff, 0xff, 0xff, 0xff)),
  'a directory': (path) => {
    fs.rmSync(path);
    fs.mkdirSync(path);
  },
};

for (const [what, damage] of Object.entries(wholeFile)) {
  test(`${what} in the place of a state: discarded, never a crash`, async () => {
    await using killed = await KilledState.make();
    damage(killed.path);
    assertUsed(await use(killed.path), { repairs: /^state.db is damaged/, keys: 0 });
  });
}

test('a state that is cut off anywhere is discarded, never a crash', async () => {
  await using killed = await KilledState.make();
  const { path } = killed;
  for (const size of [1, 4096, 8191, 8192, left.state.length - pageBytes, left.state.length - 1]) {
    killed.restore(left.state.subarray(0, size));
    assertUsed(await use(path), { repairs: /^state.db is damaged/, keys: 0 });
  }
});

test('a state that was deleted is made anew', async () => {
  await using killed = await KilledState.make();
  const { path } = killed;
  fs.rmSync(path);
  assertUsed(await use(path), { keys: 0 });
  assertUsed(await use(path), { keys: 1 });
});

test('a page of zeros or random bytes is found, never a crash', { timeout: 120_000 }, async () => {
  await using killed = await KilledState.make();
  const { path } = killed;
  const pages = Math.floor(left.state.length / pageBytes);
  let discarded = 0;
  for (let page = 2; page < pages; page += 2) {
    killed.restore();
    overwrite(path, page * pageBytes, page % 4 === 0 ? random.bytes(pageBytes) : new Uint8Array(pageBytes));
    const { reports, signal, stderr } = await use(path);
    assert.equal(signal, null, `page ${page}: ${stderr}`);
    const [opened, used] = reports as [{ repairs: string[] }, { keys: number }];
    // A page that is free may hold anything.
    if (opened.repairs.length > 0) discarded++;
    else assert.deepEqual(used, { keys });
  }
  assert.ok(discarded > pages / 4, `${discarded} of ${pages} pages`);
});

test('damage within a large value, where LMDB has no structure that shows it, is found', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('state.db');
  const key = utf8('large');
  const large = new Uint8Array(20_000).fill(0x79);
  {
    const { kv } = await openGuardedKv(path, { durable: false, bootId });
    const table = kv.table('t');
    kv.transaction(() => table.put(key, large));
    await kv[Symbol.asyncDispose]();
  }
  const state = fs.readFileSync(path);
  overwrite(path, state.indexOf(large.subarray(0, 5_000)) + 9_000, Uint8Array.of(0x78));
  const { kv, repairs } = await openGuardedKv(path, { durable: false, bootId });
  await kv[Symbol.asyncDispose]();
  assert.match(repairs.join(), /^state.db is damaged \(a large value is damaged\)/);
});

test('values of all lengths around those that get a checksum are read back as they were', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('state.db');
  const values = [0, 1, 2_043, 2_044, 2_045, 2_048, 2_049, 4_068, 4_072, 4_073, 8_200].map((length) =>
    random.bytes(length),
  );
  for (const isNew of [true, false]) {
    const { kv, repairs } = await openGuardedKv(path, { durable: false, bootId });
    assert.deepEqual(repairs, []);
    const table = kv.table('t');
    if (isNew) kv.transaction(() => values.forEach((value, i) => table.put(Uint8Array.of(i), value)));
    values.forEach((value, i) => assert.deepEqual(table.get(Uint8Array.of(i)), value));
    assert.deepEqual(
      [...table.range()].map(([, value]) => value),
      values,
    );
    await kv[Symbol.asyncDispose]();
  }
});

function overwrite(path: string, position: number, bytes: Uint8Array): void {
  const file = fs.openSync(path, 'r+');
  fs.writeSync(file, bytes, 0, bytes.length, position);
  fs.closeSync(file);
}
