import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryEntry } from '@lattice/api';
import { AuthorLabels, entryText, historyLines, Paint } from '@lattice/cli/testing';
import { hlcFromMs, utf8 } from '@lattice/model';

const [ann, ben, cy] = ['aa', 'bb', 'cc'].map((digits) => digits.repeat(32)) as [string, string, string];
const peers = [
  { nodeId: ann, name: 'ann' },
  { nodeId: ben, name: 'vm' },
  { nodeId: cy, name: 'vm' },
];

test('forks, what does not count, merges, batches and what cannot be read are told in words', async () => {
  const put = (key: string, value: string) => ({ op: 'put', key: utf8(key), value: utf8(value) });
  const shown = await linesOf([
    entry({ author: ann, operations: [], deps: ['2', '3', '4'], head: true }),
    entry({ author: ann, operations: [put('a', '1'), put('b', '2')], deps: ['3'], forked: true }),
    entry({ author: ben, operations: [{ op: 'delete', key: utf8('a') }], counts: false }),
    entry({ author: cy, operations: [{ op: 'invalid' }] }),
    entry({ author: cy, operations: [{ op: 'unknown' }], head: true }),
  ]);
  assert.deepEqual(shown, [
    '*─┬─╮  ann       merge',
    'o─┤ │  ann       (fork) 2 operations: put a, put b',
    '  x │  vm#bbbb   (does not count) delete a',
    '    o  vm#cccc   nothing: no node can read it',
    '*      vm#cccc   something that only a newer version can read',
  ]);
});

test('a line is as wide as the terminal at most, whatever is on it', async () => {
  const long = utf8('長い'.repeat(200));
  const deps = Array.from({ length: 30 }, (_, i) => `${i + 2}`);
  const entries = [
    entry({
      author: ann,
      operations: [{ op: 'put', key: long, value: long }],
      deps,
      forked: true,
      counts: false,
    }),
    ...deps.map(() => entry({ author: ben, operations: [{ op: 'put', key: long, value: long }] })),
  ];
  for (const width of [20, 40, 80, 200]) {
    const lines = await linesOf(entries, width, (line) => line);
    for (const line of lines) {
      const columns = line.split('').reduce((sum, character) => sum + (/[長い]/.test(character) ? 2 : 1), 0);
      assert(columns <= width, `${width}: ${line}`);
    }
  }
});

test('with colour a line says the same', async () => {
  const entries = [entry({ author: ann, deps: ['2'], head: true }), entry({ author: ben })];
  const plain = await linesOf(entries, 80, (line) => line);
  const painted = await linesOf(entries, 80, (line) => line, new Paint(true));
  const stripped = painted.map((line) => line.replaceAll(ansiCode, ''));
  assert.notDeepEqual(painted, plain);
  assert.deepEqual(stripped, plain);
});

/** What colours are made of. */
const ansiCode = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

let made = 0;

type Given = Partial<Omit<HistoryEntry, 'operations'>> & {
  readonly author: string;
  readonly operations?: readonly {
    readonly op: string;
    readonly key?: Uint8Array;
    readonly value?: Uint8Array;
  }[];
};

/** Entries are called 1, 2, 3 ... in the order in which they are made, in each test. */
function entry({ operations = [], ...given }: Given): HistoryEntry {
  const told = operations.map((one) => ({ ...one, valueBytes: BigInt(one.value?.length ?? 0) }));
  return {
    entry: `${++made}`,
    seq: 1n,
    time: hlcFromMs(Date.UTC(2025, 0, 1)),
    deps: [],
    head: false,
    counts: true,
    forked: false,
    operations: told,
    operationCount: told.length,
    ...given,
  } as unknown as HistoryEntry;
}

async function linesOf(
  entries: readonly HistoryEntry[],
  width = 120,
  plain = (line: string) => line.replace(/ {2}\d+ {2}/, '  ').replace(/\d{4}-\d\d-\d\d \d\d:\d\d {2}/, ''),
  paint = new Paint(false),
): Promise<string[]> {
  const first = Number(entries[0]?.entry ?? 1);
  const numbered = entries.map((one) => ({ ...one, entry: `${Number(one.entry) - first + 1}` }));
  made = 0;
  const labels = new AuthorLabels(peers);
  const options = { labels, paint, width, text: entryText, conflicted: false };
  const lines: string[] = [];
  async function* all() {
    yield* numbered;
  }
  for await (const line of historyLines(all(), options)) lines.push(plain(line));
  return lines;
}
