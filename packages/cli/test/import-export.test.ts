import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { recordLine } from '@lattice/cli/testing';
import { compareBytes, toHex, utf8 } from '@lattice/model';
import { assert as holds, asyncProperty, uint8Array, uniqueArray, tuple } from 'fast-check';
import { alterKv } from '@lattice/testkit';
import { mainStore, Rig } from './rig.js';

const records = uniqueArray(
  tuple(uint8Array({ minLength: 1, maxLength: 20 }), uint8Array({ maxLength: 200 })),
  {
    selector: ([key]) => toHex(key),
    maxLength: 600,
  },
);

test('what is imported is exported byte for byte', async (context) => {
  await holds(
    asyncProperty(records, async (all) => {
      const rig = new Rig(context);
      await rig.run(['mesh', 'create']);
      const sorted = all.toSorted(([a], [b]) => compareBytes(a, b));
      const text = sorted.map(([key, value]) => `${recordLine({ key, value })}\n`).join('');
      const file = join(rig.folder, 'in.ndjson');
      writeFileSync(file, text);
      assert.deepEqual(await rig.json('import', file), { imported: all.length, ms: 10 });
      await rig.json('export', 'out.ndjson');
      assert.equal(readFileSync(join(rig.folder, 'out.ndjson'), 'utf8'), text);
      assert.equal((await rig.run(['export'])).stdout, text);
      assert.equal((await rig.run(['export', '-'])).stdout, text);
      const array = JSON.parse((await rig.run(['export', '--json'])).stdout) as unknown[];
      assert.deepEqual(array.map((record) => `${JSON.stringify(record)}\n`).join(''), text);
    }),
    { numRuns: 15 },
  );
});

test('a file with a malformed line changes nothing', async (context) => {
  const rig = await rigWithFile(context, 'f', [...lines(2_000), '{"key":"x"}', ...lines(3)].join('\n'));
  const ran = await rig.run(['import', 'f']);
  assert.equal(ran.status, 1);
  assert.match(
    ran.stderr,
    /^error: Line 2001 has no value .*: correct it and import again\. Nothing of the file was written\.\n$/,
  );
  assert.deepEqual(await rig.json('list'), []);
});

test('standard input is written up to its first malformed line, which says so', async (context) => {
  const rig = await rigWithFile(context, 'f', '');
  const stdin = [...lines(1_000), 'nonsense', ...lines(1)].join('\n');
  const ran = await rig.run(['import', '-'], { stdin });
  assert.equal(ran.status, 1);
  assert.match(
    ran.stderr,
    /^error: Line 1001 is no JSON object: .* What came before it was written: 1,000 keys\.\n$/,
  );
  assert.equal(((await rig.json('list')) as unknown[]).length, 1_000);
});

test('an import goes out in batches of bounded size', async (context) => {
  const large = `{"key":"large","value":"${'v'.repeat(200_000)}"}`;
  const rig = await rigWithFile(context, 'f', [...lines(600), large, large, ...lines(1)].join('\n'));
  const sizes: number[] = [];
  rig.machine.onOpen = (node) =>
    alterKv(mainStore(node), (kv) => {
      const batch = kv.batch.bind(kv);
      kv.batch = (writes) => {
        sizes.push(writes.length);
        return batch(writes);
      };
    });
  await rig.run(['import', 'f']);
  assert.deepEqual(sizes, [256, 256, 88, 1, 1, 1]);
});

test('an import that is cancelled says how much was written', async (context) => {
  const rig = await rigWithFile(context, 'f', lines(2_000).join('\n'));
  let batches = 0;
  rig.machine.onOpen = (node) =>
    alterKv(mainStore(node), (kv) => {
      const batch = kv.batch.bind(kv);
      kv.batch = async (writes) => {
        if (++batches > 4) rig.interrupt();
        return batch(writes);
      };
    });
  const { status, stderr } = await rig.run(['import', 'f']);
  assert.equal(status, 130);
  const [, written = ''] =
    /^error: Cancelled: at least ([\d,]+) keys were written\.\n$/.exec(stderr) ?? assert.fail(stderr);
  const there = ((await rig.json('list')) as unknown[]).length;
  assert.ok(Number(written.replace(',', '')) <= there && there < 2_000, `${written} of ${there}`);
});

test('an import tells its progress on a terminal only', async (context) => {
  const rig = await rigWithFile(context, 'f', lines(2_000).join('\n'));
  const quiet = await rig.run(['import', 'f']);
  assert.equal(quiet.stderr, '');
  assert.match(quiet.stdout, /^Imported 2,000 keys \([\d,]+\/s\)\.\n$/);
  const shown = await rig.run(['import', 'f'], { terminal: true });
  assert.match(shown.stderr, /\[Kimported [\d,]+ keys \([\d,]+\/s\)/);
  assert.ok(shown.stderr.endsWith('\r\u001b[K'), 'the line is taken away at the end');
});

test('a file that cannot be read, or not be written, is an error that names it', async (context) => {
  const rig = await rigWithFile(context, 'f', '');
  mkdirSync(join(rig.folder, 'd'));
  const cases: readonly (readonly [string[], string])[] = [
    [['import', 'nope'], 'file-not-found'],
    [['import', 'd'], 'file-is-directory'],
    [['export', 'd'], 'file-is-directory'],
    [['export', 'nope/f'], 'file-not-found'],
    [['export', 'f/g'], 'file-not-found'],
  ];
  for (const [argv, code] of cases) {
    const ran = await rig.run(['--json', ...argv]);
    assert.equal(ran.status, 1, argv.join(' '));
    const { error } = JSON.parse(ran.stderr) as { error: { code: string; message: string } };
    assert.equal(error.code, code, argv.join(' '));
    assert.ok(error.message.startsWith(argv[1] ?? ''), error.message);
  }
});

test('an export that fails leaves the old file and nothing else', async (context) => {
  const rig = await rigWithFile(context, 'f', lines(3).join('\n'));
  await rig.run(['import', 'f']);
  const damaged = () => {
    throw new Error('damaged');
  };
  rig.machine.onOpen = (node) => {
    mainStore(node).snapshot = damaged;
  };
  const before = readdirSync(rig.folder);
  assert.equal((await rig.run(['export', 'f'])).status, 1);
  assert.deepEqual(readdirSync(rig.folder), before);
  assert.equal(readFileSync(join(rig.folder, 'f'), 'utf8'), lines(3).join('\n'));
});

test('what damage keeps from being read ends an export, or is left out of it and named', async (context) => {
  const rig = await rigWithFile(context, 'f', '');
  await rig.run(['put', 'a', '1']);
  for (const key of ['b', 'c']) await rig.run(['put', key, key.repeat(5_000)]);
  await rig.run(['put', 'd', '4']);
  const stores = [...rig.machine.disk.stores.values()];
  const log = stores.map((store) => store.log).find((one) => [...one.itemsFrom(0)].length === 4);
  log?.damage([...log.itemsFrom(0)][1]?.offset ?? 0);

  for (const argv of [['export'], ['export', 'g']]) {
    const { stderr, status } = await rig.run(argv);
    assert.equal(status, 1);
    assert.match(stderr, /The value of "b" cannot be read/);
  }
  assert.ok(!readdirSync(rig.folder).includes('g'));

  const printed = await rig.run(['export', '--skip-unreadable']);
  assert.equal(printed.status, 1);
  const keys = (text: string) => text.split('\n', 3).map((line) => (JSON.parse(line) as { key: string }).key);
  assert.deepEqual(keys(printed.stdout), ['a', 'c', 'd']);
  assert.equal(
    printed.stderr,
    'left out: b\n1 value is not exported: the log is damaged on disk where it lies. See `store status`.\n',
  );
  const written = await rig.run(['--json', 'export', 'g', '--skip-unreadable']);
  assert.equal(written.status, 1);
  const { exported, skipped } = JSON.parse(written.stdout) as Record<string, unknown>;
  assert.deepEqual([exported, skipped], [3, 1]);
  assert.deepEqual(keys(readFileSync(join(rig.folder, 'g'), 'utf8')), ['a', 'c', 'd']);
});

test(
  'an export through a symbolic link keeps the link',
  { skip: process.platform === 'win32' && 'needs rights' },
  async (context) => {
    const rig = await rigWithFile(context, 'target', 'old');
    symlinkSync('target', join(rig.folder, 'link'));
    await rig.run(['put', 'a', '1']);
    await rig.run(['export', 'link']);
    assert.equal(readFileSync(join(rig.folder, 'target'), 'utf8'), '{"key":"a","value":"1"}\n');
  },
);

test(
  'an export to a device writes to it',
  { skip: process.platform === 'win32' && 'has none' },
  async (context) => {
    const rig = await rigWithFile(context, 'f', '');
    assert.equal((await rig.run(['export', '/dev/null'])).status, 0);
  },
);

test('keys that look like markup come back as they were', async (context) => {
  const rig = await rigWithFile(context, 'f', '');
  await rig.run(['put', '\u2028\u001b', '</script>']);
  const { stdout } = await rig.run(['export']);
  assert.deepEqual(JSON.parse(stdout), { key: '\u2028\u001b', value: '</script>' });
});

function lines(count: number): string[] {
  return Array.from({ length: count }, (_, i) => recordLine({ key: utf8(`k${i}`), value: utf8('v') }));
}

async function rigWithFile(context: TestContext, name: string, text: string): Promise<Rig> {
  const rig = new Rig(context);
  writeFileSync(join(rig.folder, name), text);
  await rig.run(['mesh', 'create']);
  return rig;
}
