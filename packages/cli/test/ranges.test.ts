import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { countOf, durationMsOf, recordLine } from '@lattice/cli/testing';
import { utf8 } from '@lattice/model';
import { Rig } from './rig.js';

test('list begins, ends and turns where it is told to', async (context) => {
  const rig = await rigWithKeys(context, ['a', 'b', 'b0', 'b1', 'c']);
  const listed = async (...options: string[]) =>
    (await rig.run(['list', '--keys', ...options])).stdout.split('\n').slice(0, -1).join(' ');
  assert.equal(await listed(), 'a b b0 b1 c');
  assert.equal(await listed('--limit', '2'), 'a b');
  assert.equal(await listed('--from', 'b'), 'b b0 b1 c');
  assert.equal(await listed('--from=aa', '--limit=1'), 'b');
  assert.equal(await listed('--reverse', '--limit', '2'), 'c b1');
  assert.equal(await listed('--reverse', '--from', 'b'), 'b a');
  assert.equal(await listed('--reverse', '--from', 'bzz'), 'b1 b0 b a');
  assert.equal(await listed('b', '--from', 'b0'), 'b0 b1');
  assert.equal(await listed('b', '--from', 'b0', '--reverse'), 'b0 b');
  assert.equal(await listed('--from', 'd'), '');
  assert.equal(await listed('--to', 'b0'), 'a b');
  assert.equal(await listed('--from', 'b', '--to', 'c'), 'b b0 b1');
  assert.equal(await listed('--reverse', '--from', 'c', '--to', 'b'), 'c b1 b0');
  assert.equal(await listed('b', '--reverse', '--to', 'b'), 'b1 b0');
  const swapped = await rig.run(['list', '--from', 'c', '--to', 'a']);
  assert.equal(swapped.status, 2);
  assert.match(swapped.stderr, /No key lies from c on and before a: --to must come after --from/);
  const upward = await rig.run(['list', '--reverse', '--from', 'a', '--to', 'c']);
  assert.match(
    upward.stderr,
    /No key lies from a down and before c: with --reverse, --to must lie below --from/,
  );
});

test('list --keys leaves the values out', async (context) => {
  const rig = await rigWithKeys(context, ['a', 'b c']);
  assert.equal((await rig.run(['list', '--keys'])).stdout, 'a\n"b c"\n');
  assert.deepEqual(await rig.json('list', '--keys', '--limit', '1'), [{ key: 'a', conflicted: false }]);
});

test('a terminal shows as much of a value as fits on the line, a pipe all of it', async (context) => {
  const rig = await rigWithKeys(context, []);
  const value = `${'é '.repeat(400)}.`;
  await rig.run(['put', 'a', value]);
  assert.equal((await rig.run(['list'])).stdout, `a = "${value}"\n`);
  const shown = (await rig.run(['list'], { terminal: true })).stdout;
  assert.match(shown, /^a = "(?:é )+é?…" \(1,201 bytes\)\n$/);
  assert.ok(shown.length <= 81 && shown.length > 70, String(shown.length));
});

test('export writes the range that is asked for', async (context) => {
  const rig = await rigWithKeys(context, ['a', 'b', 'b0', 'c']);
  const exported = async (...options: string[]) => {
    await rig.json('export', 'out', ...options);
    const lines = readFileSync(join(rig.folder, 'out'), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => (JSON.parse(line) as { key: string }).key).join(' ');
  };
  assert.equal(await exported('--from', 'b'), 'b b0 c');
  assert.equal(await exported('--to', 'b0'), 'a b');
  assert.equal(await exported('--from', 'b', '--to', 'c'), 'b b0');
  assert.equal(await exported('--prefix', 'b'), 'b b0');
  assert.equal(await exported('--prefix', 'b', '--from', 'b0'), 'b0');
  const swapped = await rig.run(['export', '--from', 'c', '--to', 'a']);
  assert.equal(swapped.status, 2);
  assert.match(swapped.stderr, /No key lies from c on and before a: --to must come after --from/);
});

test('numbers and times that cannot be are wrong usage, and say what can', async (context) => {
  for (const typed of ['0', '-1', '1.5', 'x', '', '1e3', '99999999999999999999'])
    assert.throws(() => countOf('limit', typed), { code: 'usage', message: /whole number from 1 on/ });
  assert.deepEqual([countOf('limit', undefined), countOf('limit', '012')], [undefined, 12]);
  for (const typed of ['0s', '5', 'h', '1.5h', '1w', '-1d', '4000d', ' 1h', ''])
    assert.throws(() => durationMsOf('expires', typed), { code: 'usage', message: /90s, 30m, 12h or 7d/ });
  assert.deepEqual(
    ['90s', '30m', '12h', '7d'].map((typed) => durationMsOf('expires', typed)),
    [90_000, 1_800_000, 43_200_000, 604_800_000],
  );
  const rig = new Rig(context);
  for (const line of ['list --limit many', 'mesh invite --expires never'])
    assert.equal((await rig.run(line.split(' '))).status, 2, line);
  assert.deepEqual(rig.opened, [], 'nothing was opened for it');
});

async function rigWithKeys(context: TestContext, keys: readonly string[]): Promise<Rig> {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create']);
  const lines = keys.map((key) => `${recordLine({ key: utf8(key), value: utf8('v') })}\n`);
  writeFileSync(join(rig.folder, 'in'), lines.join(''));
  await rig.run(['import', 'in']);
  return rig;
}
