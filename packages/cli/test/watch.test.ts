import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { utf8 } from '@lattice/model';
import { Rig } from './rig.js';
import { watching } from './watching.js';

test('a watch prints a line for each key that changes, who wrote it and when', async (context) => {
  const { rig, cursor } = await rigWithCursor(context);
  await rig.run(['put', 'greeting', 'hello, world']);
  await rig.run(['put', 'gone', '1']);
  await rig.run(['delete', 'gone']);
  const watch = watching(rig, ['watch', '--since', cursor]);
  await watch.until((text) => text.split('\n').length > 2);
  rig.interrupt();
  assert.equal(await watch.status, 0);
  const by = `  by ${(await nodeId(rig)).slice(0, 8)} at 2025-01-01T00:00:0`;
  const [first = '', second = ''] = watch.stdout.text.split('\n');
  assert.ok(first.startsWith(`greeting = "hello, world"${by}`), first);
  assert.ok(second.startsWith(`gone deleted${by}`), second);
  assert.equal(watch.stderr.text, '');
});

test('on a terminal a watch marks conflicts, shortens values, and ends with the cursor to go on from', async (context) => {
  const { rig, cursor } = await rigWithCursor(context);
  await rig.letIn('laptop');
  await rig.run(['put', 'key', 'mine']);
  await rig.alone('laptop', (kv) => kv.put(utf8('key'), utf8(`\u001b[2J${'x'.repeat(300)}`)));
  await rig.nodes.meet('desk', 'laptop');
  const watch = watching(rig, ['watch', 'key', '--since', cursor], {
    terminal: true,
    env: { NO_COLOR: '1' },
  });
  await watch.until((text) => text.includes('\n'));
  rig.interrupt();
  assert.equal(await watch.status, 0);
  assert.match(watch.stdout.text, /^key = "\\u\{1b\}\[2Jx{100,}" \.\.\. \(304 bytes\) \(conflict\) {2}by /);
  const [, next = ''] =
    /^Watching until Ctrl-C\.\nTo go on from here:\nwatch key --since ([0-9a-f]+)\n$/.exec(
      watch.stderr.text,
    ) ?? [];
  assert.notEqual(next, '', watch.stderr.text);
  assert.notEqual(next, cursor);
  const again = watching(rig, ['--json', 'watch', 'key', '--since', next]);
  await again.until((text) => text.includes('\n'));
  rig.interrupt();
  await again.status;
  assert.deepEqual(Object.keys(JSON.parse(again.stdout.text) as object), ['cursor']);
});

test('a watch is on the network, and tells of what arrives', async (context) => {
  const { rig } = await rigWithCursor(context);
  await rig.letIn('laptop');
  const watch = watching(rig, ['--json', 'watch']);
  await watch.until((text) => text.includes('cursor'));
  await rig.alone('laptop', (kv) => kv.put(utf8('theirs'), utf8('1')));
  await rig.nodes.meet('desk', 'laptop');
  await watch.until((text) => text.includes('theirs'));
  rig.interrupt();
  assert.equal(await watch.status, 0);
});

test('of the lines of a page, the cursor of the last alone leaves the page behind', async (context) => {
  const { rig, cursor } = await rigWithCursor(context);
  const keys = ['a', 'b', 'c'];
  await rig.run(['import', '-'], {
    stdin: keys.map((key) => JSON.stringify({ key, value: '1' })).join('\n'),
  });
  const seenFrom = async (since: string) => {
    const watch = watching(rig, ['--json', 'watch', '--since', since]);
    await watch.until((text) => text.includes('\n'));
    rig.interrupt();
    await watch.status;
    return watch.stdout.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { key?: string; cursor: string });
  };
  const lines = await seenFrom(cursor);
  assert.deepEqual(
    lines.map(({ key }) => key),
    keys,
  );
  const again = await seenFrom(lines[1]?.cursor ?? '');
  assert.deepEqual(
    again.map(({ key }) => key),
    keys,
  );
  assert.deepEqual(
    (await seenFrom(lines[2]?.cursor ?? '')).map(({ key }) => key),
    [undefined],
  );
});

test('a watch that has to begin anew says so', async (context) => {
  const { rig, cursor } = await rigWithCursor(context);
  await rig.run(['put', 'b', '1']);
  for (const { state } of rig.machine.disk.stores.values()) state.tables.clear();
  const watch = watching(rig, ['watch', '--since', cursor]);
  await watch.until((text) => text.split('\n').length > 2);
  rig.interrupt();
  await watch.status;
  assert.match(watch.stdout.text, /^b = 1 .*\nbefore = 1 .*\n$/);
  assert.match(watch.stderr.text, /built anew: forget what was printed before/);
});

/** A rig whose store has one key, and the cursor behind it. */
async function rigWithCursor(context: TestContext): Promise<{ rig: Rig; cursor: string }> {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create', 'home']);
  await rig.run(['put', 'before', '1']);
  const watch = watching(rig, ['--json', 'watch']);
  await watch.until((text) => text.includes('\n'));
  rig.interrupt();
  await watch.status;
  const { cursor } = JSON.parse(watch.stdout.text) as { cursor: string };
  return { rig, cursor };
}

async function nodeId(rig: Rig): Promise<string> {
  return ((await rig.json('node', 'status')) as { nodeId: string }).nodeId;
}
