import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Graph } from '@lattice/cli/testing';
import fc from 'fast-check';

describe('a graph', () => {
  test('of a single line is a column', () => {
    assert.deepEqual(drawn([['c', 'b'], ['b', 'a'], ['a']]), ['*', 'o', 'o']);
  });

  test('shows branches that part and meet', () => {
    assert.deepEqual(drawn([['merge', 'left', 'right'], ['left', 'base'], ['right', 'base'], ['base']]), [
      '*─╮',
      'o │',
      '├─o',
      'o',
    ]);
  });

  test('shows heads that know nothing of each other side by side', () => {
    assert.deepEqual(drawn([['left', 'base'], ['right', 'base'], ['other'], ['base']]), [
      '*',
      '├─*',
      '│   *',
      'o',
    ]);
  });

  test('lets lines cross without touching', () => {
    assert.deepEqual(drawn([['x', 'a', 'b'], ['y', 'c'], ['a', 'd', 'c'], ['b'], ['c'], ['d']]), [
      '*─╮',
      '│ │ *',
      'o─│─┤',
      '│ o │',
      '│   o',
      'o',
    ]);
  });

  test('never puts an entry right below one that it has nothing to do with', () => {
    assert.deepEqual(drawn([['a'], ['b'], ['c']]), ['*', '  *', '*']);
  });

  test('leads from every entry to its deps and nowhere else', () => {
    fc.assert(
      fc.property(dags, (dag) => {
        const rows = drawn(dag, 1_000);
        assert.deepEqual(edgesIn(rows), edgesOf(dag), rows.join('\n'));
      }),
      { numRuns: 500 },
    );
  });

  test('is never wider than it may be, and shares its last column where that is too narrow', () => {
    fc.assert(
      fc.property(dags, fc.integer({ min: 2, max: 8 }), (dag, columnsMax) => {
        const rows = drawn(dag, columnsMax);
        for (const row of rows) assert(row.length < 2 * columnsMax, rows.join('\n'));
        for (const row of rows) assert.equal(row.split('').filter((mark) => '*o'.includes(mark)).length, 1);
        if (!rows.some((row) => row.length === 2 * columnsMax - 1))
          assert.deepEqual(edgesIn(rows), edgesOf(dag), rows.join('\n'));
      }),
      { numRuns: 300 },
    );
  });
});

/** Entries, newest first: each with its deps. */
type Dag = readonly (readonly [id: string, ...deps: string[]])[];

/** Random ones; entry i has deps among those after it, near ones mostly. */
const dags: fc.Arbitrary<Dag> = fc
  .array(fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 8 })), { maxLength: 4 }), {
    maxLength: 40,
  })
  .map((steps) =>
    steps.map((distances, i): [string, ...string[]] => [
      `${i}`,
      ...new Set(
        distances
          .map((distance) => i + distance)
          .filter((dep) => dep < steps.length)
          .map(String),
      ),
    ]),
  );

function drawn(dag: Dag, columnsMax = 8): readonly string[] {
  const graph = new Graph(columnsMax);
  const named = new Set(dag.flatMap(([, ...deps]) => deps));
  return dag.map(([id, ...deps]) =>
    graph
      .row({ id, deps, mark: named.has(id) ? 'o' : '*', colour: 0 })
      .map(({ text }) => text)
      .join(''),
  );
}

function edgesOf(dag: Dag): readonly string[] {
  return dag.flatMap(([id, ...deps]) => deps.map((dep) => `${id} -> ${dep}`)).sort();
}

/** Follows the lines as a reader does. Row i is entry i. */
function edgesIn(rows: readonly string[]): readonly string[] {
  const grid = rows.map((row) => row.split(''));
  const at = (row: number, column: number) => grid[row]?.[column] ?? ' ';
  const isEntry = (mark: string) => mark === '*' || mark === 'o';

  /** The entry that a line leads to that comes down into this cell; none where nothing is there to take it. */
  const downTo = (row: number, column: number): number | undefined => {
    for (let below = row; ; below++) {
      const mark = at(below, column);
      if (isEntry(mark) || '╯╰┴'.includes(mark)) return below;
      if (!'│├┤┼'.includes(mark)) return undefined;
    }
  };

  const edges = new Set<string>();
  grid.forEach((cells, row) => {
    const column = cells.findIndex(isEntry);
    const starts = [column];
    for (const direction of [-1, 1]) {
      // Cells are two apart, the lines between them in between.
      for (let here = column; at(row, here + direction) === '─';) {
        here += 2 * direction;
        if ('╮╭┬┤├┼'.includes(at(row, here))) starts.push(here);
      }
    }
    for (const start of starts) {
      const dep = row + 1 < rows.length ? downTo(row + 1, start) : undefined;
      if (dep !== undefined) edges.add(`${row} -> ${dep}`);
      else assert.equal(start, column, 'a line that begins leads somewhere');
    }
  });
  return [...edges].sort();
}
