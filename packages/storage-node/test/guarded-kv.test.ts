import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { openGuardedKv } from '@lattice/storage-node';
import { Child } from './support/child.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const key = utf8('key');

/** Opens, reads what is under `key`, puts something there and closes. */
async function visit(path: string, bootId: string, durable = false) {
  const { kv, repairs } = await openGuardedKv(path, { durable, bootId });
  const table = kv.table('t');
  const found = table.get(key) !== undefined;
  kv.transaction(() => table.put(key, utf8('value')));
  await kv[Symbol.asyncDispose]();
  return { found, repairs };
}

test('what was closed is found by the next run of the machine', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('state.db');
  assert.deepEqual(await visit(path, 'first run'), { found: false, repairs: [] });
  assert.deepEqual(await visit(path, 'second run'), { found: true, repairs: [] });
});

test('what was not closed is found by the same run of the machine, and by no other', async () => {
  for (const [bootId, found] of [
    ['first run', true],
    ['second run', false],
  ] as const) {
    await using directory = await TemporaryDirectory.make();
    const path = directory.join('state.db');
    await visit(path, 'first run');
    await using child = new Child({ kind: 'fill-kv', path, bootId: 'first run', keys: 10 });
    await child.reported(1);
    await child.kill();
    const after = await visit(path, bootId);
    assert.equal(after.found, found);
    if (found) assert.deepEqual(after.repairs, []);
    else assert.match(after.repairs.join(), /^state.db was left behind by a crash of the machine/);
  }
});

test('what was not closed is found however much of it was written anew, and so many pages are free', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('state.db');
  const { kv } = await openGuardedKv(path, { durable: false, bootId: 'run' });
  const table = kv.table('t');
  for (const value of [new Uint8Array(200), new Uint8Array(300)])
    kv.transaction(() => {
      for (let i = 0; i < 20_000; i++) table.put(utf8(`key ${i}`), value);
    });
  kv.transaction(() => table.put(key, utf8('value')));
  await kv[Symbol.asyncDispose]();
  await leave(path, 'open 0 run');
  assert.deepEqual(await visit(path, 'run'), { found: true, repairs: [] });
});

test('a file whose commits are synced is found by any run of the machine', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('meta.db');
  await visit(path, 'first run', true);
  await leave(path, 'open 0 first run');
  assert.deepEqual(await visit(path, 'second run', true), { found: true, repairs: [] });
});

test('a file that was being opened when the process ended is discarded', async () => {
  for (const durable of [false, true]) {
    await using directory = await TemporaryDirectory.make();
    const path = directory.join('some.db');
    await visit(path, 'run', durable);
    await leave(path, 'opening 0 run');
    const after = await visit(path, 'run', durable);
    assert.equal(after.found, false);
    assert.match(after.repairs.join(), /^some.db may be what ended the process/);
    assert.deepEqual(await visit(path, 'run', durable), { found: true, repairs: [] });
  }
});

test('a state that nothing is known of is discarded', async () => {
  for (const text of [undefined, '', 'nonsense', 'clean\n', 'clean 0 \n', `${'\0'.repeat(255)}\n`]) {
    await using directory = await TemporaryDirectory.make();
    const path = directory.join('state.db');
    await visit(path, 'run');
    if (text === undefined) fs.rmSync(`${path}-guard`);
    else fs.writeFileSync(`${path}-guard`, text);
    assert.equal((await visit(path, 'run')).found, false);
  }
});

test('a state that process after process leaves unclosed is discarded in the end', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('state.db');
  await visit(path, 'run');
  const found: boolean[] = [];
  for (let i = 0; i < 8; i++) {
    const { kv } = await openGuardedKv(path, { durable: false, bootId: 'run' });
    const table = kv.table('t');
    found.push(table.get(key) !== undefined);
    kv.transaction(() => table.put(key, utf8('value')));
    const guard = fs.readFileSync(`${path}-guard`);
    await kv[Symbol.asyncDispose]();
    fs.writeFileSync(`${path}-guard`, guard);
  }
  assert.deepEqual(found, [true, true, true, true, true, true, false, true]);
});

test('while it is open, its guard says so, and which run of the machine it is', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('state.db');
  const { kv } = await openGuardedKv(path, { durable: false, bootId: 'a run' });
  assert.match(fs.readFileSync(`${path}-guard`, 'utf8'), /^open 0 a run +\n$/);
  await kv[Symbol.asyncDispose]();
  assert.match(fs.readFileSync(`${path}-guard`, 'utf8'), /^clean 0 a run +\n$/);
});

async function leave(path: string, text: string): Promise<void> {
  await fs.promises.writeFile(`${path}-guard`, `${text}\n`);
}
