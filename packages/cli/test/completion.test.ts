import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  candidatesFor,
  commands,
  completionsFor,
  globalOptions,
  type Lookups,
  nodeLookups,
  questionOptions,
  quoted,
  splitLine,
  textOf,
  wordOf,
} from '@lattice/cli/testing';
import { asyncProperty, assert as holds, nat, string, uniqueArray } from 'fast-check';
import { Rig } from './rig.js';

const table = { commands, globalOptions, questionOptions };

/** What a node with these things in it would find. */
function having({
  keys = [],
  stores = [],
  more = false,
}: {
  readonly keys?: readonly string[];
  readonly stores?: readonly { readonly id: string; readonly name: string }[];
  readonly more?: boolean;
}): Lookups {
  const none = { items: [], more: false };
  return {
    meshes: async () => ({ items: [{ id: '060e0f0d-1', name: 'home' }], more: false }),
    stores: async () => ({ items: stores, more: false }),
    members: async () => none,
    files: async (prefix) => ({
      items: ['notes.ndjson', 'my files/'].filter((one) => one.startsWith(prefix)),
      more: false,
    }),
    keys: async (prefix, { store }) => ({
      items: keys
        .map((key) => (store === '' ? key : `${store}:${key}`))
        .filter((key) => key.startsWith(prefix)),
      more,
    }),
  };
}

/** The line after Tab: what it becomes, or what there is to choose from. */
async function tab(line: string, lookups = having({})): Promise<string | readonly string[]> {
  const { replaced, text, isWhole, choices } = await completionsFor(line, table, lookups);
  assert.ok(line.endsWith(replaced));
  if (text === replaced && !isWhole) return choices.map(({ word }) => word);
  return line.slice(0, line.length - replaced.length) + text + (isWhole ? ' ' : '');
}

test('commands are completed, word by word', async () => {
  assert.equal(await tab('mes'), 'mesh ');
  assert.equal(await tab('mesh inv'), 'mesh invite ');
  assert.deepEqual(
    await tab('mesh '),
    commands.flatMap(({ path }) => (path[0] === 'mesh' ? [path[1]] : [])),
  );
  assert.deepEqual(await tab('nonsense '), []);
  assert.equal(await tab('help mesh rev'), 'help mesh revoke ');
  assert.ok((await tab('')).length > 5);
});

test('a group says what is in it, and a command what it does', async () => {
  const { choices } = await completionsFor('', table, having({}));
  assert.match(choices.find(({ word }) => word === 'mesh')?.summary ?? '', /^create, list, use/);
  assert.match(choices.find(({ word }) => word === 'get')?.summary ?? '', /^Print/);
});

test('options are completed: those of the command and of all, but none twice', async () => {
  assert.equal(await tab('get --a'), 'get --all ');
  assert.equal(await tab('--js'), '--json ');
  assert.equal(await tab('store create --ty'), 'store create --type ');
  assert.deepEqual(await tab('get a --all --a'), []);
  assert.deepEqual(await tab('list --a'), []);
  assert.deepEqual(await tab('get -- --a', having({ keys: ['--all'] })), 'get -- "--all" ');
});

test('the values of options are completed where they are known', async () => {
  const lookups = having({ stores: [{ id: '1234', name: 'notes' }] });
  assert.equal(await tab('store create --type k', lookups), 'store create --type kv ');
  assert.equal(await tab('list --store no', lookups), 'list --store notes ');
  assert.equal(await tab('list --store=no', lookups), 'list --store=notes ');
  assert.equal(await tab('list --mesh h', lookups), 'list --mesh home ');
  assert.equal(await tab('--log-level d'), '--log-level debug ');
  assert.deepEqual(await tab('store create --name x'), []);
});

test('an attached value that needs quotes has them around itself', async () => {
  const lookups = having({ stores: [{ id: '1234', name: 'my notes' }] });
  const line = await tab('list --store=my', lookups);
  assert.equal(line, 'list --store="my notes" ');
  assert.deepEqual(splitLine(line), ['list', '--store=my notes']);
});

test('ids are offered for what has no name of its own, and where one is begun', async () => {
  const stores = [
    { id: 'aaaabbbb-cccc', name: 'notes' },
    { id: 'aaaabbbb-dddd', name: '' },
    { id: 'ffff0000-1111', name: 'twin' },
    { id: 'ffff1111-2222', name: 'twin' },
  ];
  const lookups = having({ stores });
  assert.deepEqual(await tab('store use ', lookups), ['notes', 'aaaabbbb-d', 'ffff0000', 'ffff1111']);
  assert.equal(await tab('store use ffff0', lookups), 'store use ffff0000 ');
  assert.equal(await tab('store use a', lookups), 'store use aaaabbbb-');
});

test('keys are completed in the quotes that they need, and those that were begun', async () => {
  const lookups = having({ keys: ['a b', 'a c', 'plain', "it's"] });
  assert.equal(await tab('get pl', lookups), 'get plain ');
  assert.equal(await tab('get a', lookups), 'get "a ');
  assert.deepEqual(await tab('get "a ', lookups), ['a b', 'a c']);
  assert.equal(await tab('get "a b', lookups), 'get "a b" ');
  assert.equal(await tab("get 'a b", lookups), "get 'a b' ");
  assert.equal(await tab("get 'it", lookups), 'get "it\'s" ');
  assert.equal(await tab(String.raw`get a\ b`, lookups), 'get "a b" ');
  assert.equal(await tab('get "pl', lookups), 'get "plain" ');
});

test('keys are those of the store that the line names', async () => {
  assert.equal(await tab('get --store s ', having({ keys: ['k'] })), 'get --store s s:k ');
});

test('files are completed, also after an @, and a directory goes on', async () => {
  assert.equal(await tab('import no'), 'import notes.ndjson ');
  assert.equal(await tab('import my'), 'import "my files/');
  assert.equal(await tab('put a @no'), 'put a @notes.ndjson ');
  assert.deepEqual(await tab('put a no'), []);
});

test('nothing is offered in a comment, after a mistake or within an escape', async () => {
  for (const line of ['# me', String.raw`get "\u{zz}" `, String.raw`get "a\u{4`, 'get a\\'])
    assert.deepEqual(await tab(line, having({ keys: ['a'] })), [], line);
});

test('where there are more than are shown, nothing is taken for certain', async () => {
  assert.deepEqual(await tab('get u', having({ keys: ['user/1', 'user/2'], more: true })), [
    'user/1',
    'user/2',
  ]);
});

test('the same for other shells, which quote in their own way', async () => {
  const { items, head } = await candidatesFor(
    ['list'],
    '--store=n',
    table,
    having({ stores: [{ id: '1', name: 'n m' }] }),
  );
  assert.deepEqual([head, items], ['--store=', [{ word: 'n m', summary: '1' }]]);
});

test('whatever keys there are, completing one reads back as it', async () => {
  const anyKey = string({ unit: 'binary', minLength: 1 });
  await holds(
    asyncProperty(uniqueArray(anyKey, { minLength: 1 }), nat(), nat(), async (keys, which, cut) => {
      const key = keys[which % keys.length] ?? '';
      const start = Array.from(key)
        .slice(0, cut % (Array.from(key).length + 1))
        .join('');
      const line = await tab(`get -- ${quoted(start).replace(/"$/, '')}`, having({ keys }));
      const candidates = keys.filter((one) => one.startsWith(start));
      if (typeof line !== 'string') return assert.deepEqual(line, candidates);
      const [, , word = ''] = splitLine(
        line.endsWith(' ') ? line : `${line}${line.includes('"') ? '"' : ''}`,
      ).map(textOf);
      if (candidates.length === 1) assert.equal(word, candidates[0]);
      else assert.ok(candidates.every((one) => one.startsWith(word)) && word.length > start.length);
    }),
  );
});

test('a node is asked for no more than is shown, and what all keys begin with is known all the same', async (context) => {
  const rig = new Rig(context);
  const lines = Array.from({ length: 250 }, (_, i) => `put user/${String(i).padStart(3, '0')} x`);
  await rig.run([], { stdin: ['mesh create', ...lines, String.raw`put "\xff!" x`].join('\n') });
  await rig.withNode(async (node, surroundings) => {
    const lookups = nodeLookups(node, { surroundings, signal: new AbortController().signal });
    const nowhere = { mesh: '', store: '' };
    const users = await lookups.keys('u', nowhere);
    assert.deepEqual([users.items.length, users.more, users.common], [100, true, 'user/']);
    assert.deepEqual(await lookups.keys('user/01', nowhere), {
      items: Array.from({ length: 10 }, (_, i) => `user/01${i}`),
      more: false,
    });
    const [binary] = (await lookups.keys(wordOf(Uint8Array.of(0xff)), nowhere)).items;
    assert.equal(binary, wordOf(Uint8Array.of(0xff, 0x21)));
    assert.deepEqual(await lookups.keys('u', { mesh: 'none', store: '' }), { items: [], more: false });
  });
});

test('a node that does not answer is not waited for', async (context) => {
  const rig = new Rig(context);
  const asked: AbortSignal[] = [];
  const node = () => new Promise<never>(() => undefined);
  const surroundings = rig.surroundings({}, process.stdout, process.stderr);
  const stop = new AbortController();
  const keys = nodeLookups(node, { surroundings, signal: stop.signal }).keys('', { mesh: '', store: '' });
  await rig.time.advance(500);
  assert.deepEqual(await keys, { items: [], more: false });
  const meshes = nodeLookups(node, { surroundings, signal: stop.signal }).meshes();
  stop.abort();
  assert.deepEqual(await meshes, { items: [], more: false });
  assert.deepEqual(asked, []);
});

test('files are found where the path leads, hidden ones only where a dot is typed', async (context) => {
  const rig = new Rig(context);
  mkdirSync(join(rig.folder, 'docs'));
  symlinkSync(join(rig.folder, 'docs'), join(rig.folder, 'dir-link'));
  for (const file of ['data.ndjson', '.hidden', 'docs/inner']) writeFileSync(join(rig.folder, file), '');
  const surroundings = rig.surroundings({}, process.stdout, process.stderr);
  const signal = new AbortController().signal;
  const find = async (prefix: string, which: 'all' | 'directories' = 'all') =>
    (await nodeLookups(() => assert.fail('no node'), { surroundings, signal }).files(prefix, which)).items;
  assert.deepEqual(await find('d'), ['data.ndjson', 'dir-link/', 'docs/']);
  assert.deepEqual(await find('docs/'), ['docs/inner']);
  assert.deepEqual(await find('.h'), ['.hidden']);
  assert.deepEqual(await find('d', 'directories'), ['dir-link/', 'docs/']);
  assert.deepEqual(await find('nowhere/'), []);
  assert.deepEqual(await find(`${rig.folder}/da`), [`${rig.folder}/data.ndjson`]);
});
