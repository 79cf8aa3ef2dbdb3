import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { MemoryFiles, type OpenFile } from '@lattice/storage';
import { SeededRandom } from '@lattice/testkit';

const content = (file: OpenFile) => {
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  return bytes;
};

async function fileOf(text: string) {
  const files = new MemoryFiles();
  const file = files.open('f', { create: true });
  await file.write(utf8(text), 0);
  await file.sync();
  await files.syncDirectory();
  return { files, file };
}

test('what was not synced is gone after a crash, and open files are closed by it', async () => {
  const { files, file } = await fileOf('synced');
  await file.write(utf8('lost'), 0);
  await file.resize(100);
  assert.deepEqual(content(file).subarray(0, 6), utf8('losted'));
  files.crash();
  assert.throws(() => file.size(), { code: 'EBADF' });
  assert.deepEqual(content(files.open('f')), utf8('synced'));
});

test('names that were not synced are gone after a crash', async () => {
  const { files } = await fileOf('old');
  const next = files.open('next', { create: true });
  await next.sync();
  await files.rename('next', 'f');
  files.crash();
  assert.deepEqual(await files.list(), ['f']);
  assert.deepEqual(content(files.open('f')), utf8('old'));
  await files.remove('f');
  await files.syncDirectory();
  files.crash();
  assert.deepEqual(await files.list(), []);
});

test('some of what was not synced may survive, and a sector may be torn', async () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 64; seed++) {
    const { files, file } = await fileOf('a'.repeat(2048));
    await file.write(utf8('b'.repeat(2048)), 0);
    files.crash(new SeededRandom(seed));
    const after = content(files.open('f'));
    outcomes.add([0, 512, 1024, 1536].map((at) => kindOf(after.subarray(at, at + 512))).join(''));
  }
  const all = [...outcomes].join(' ');
  assert.ok(outcomes.size > 20, `only ${all}`);
  for (const kind of 'abt') assert.ok(all.includes(kind), `${kind} in ${all}`);
});

function kindOf(sector: Uint8Array): string {
  const kinds = new Set(sector);
  return kinds.size > 1 ? 't' : String.fromCharCode(sector[0] ?? 0);
}

test('what a failed sync did not write stays unwritten, though the next sync succeeds', async () => {
  const { files, file } = await fileOf('synced');
  await file.write(utf8('failed'), 0);
  files.failNext('sync', 'EIO');
  await assert.rejects(file.sync(), { code: 'EIO' });
  await file.sync();
  assert.deepEqual(content(file), utf8('failed'));
  files.crash();
  assert.deepEqual(content(files.open('f')), utf8('synced'));
});

test('a write that fails may have got some bytes down', async () => {
  const { files, file } = await fileOf('......');
  files.failNext('write', 'ENOSPC', { afterBytes: 2 });
  await assert.rejects(file.write(utf8('abcdef'), 0), { code: 'ENOSPC' });
  assert.deepEqual(content(file), utf8('ab....'));
});

test('a stopped machine does nothing until it is started again', async () => {
  const { files, file } = await fileOf('synced');
  files.stopAfter(2);
  await file.write(utf8('1'), 0);
  await assert.rejects(file.sync(), { code: 'EIO' });
  await assert.rejects(file.write(utf8('2'), 0), { code: 'EIO' });
  await assert.rejects(files.list(), { code: 'EIO' });
  files.crash();
  assert.deepEqual(content(files.open('f')), utf8('1ynced'), 'the sync had been carried out');
});

test('resizing cuts off and extends with zeros', async () => {
  const { file } = await fileOf('x'.repeat(600));
  await file.resize(3);
  await file.resize(700);
  assert.deepEqual(content(file), Uint8Array.from([120, 120, 120, ...new Uint8Array(697)]));
});
