import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, definitions, fitted, widthOf, wrapped } from '@lattice/cli/testing';
import { assert as holds, integer, property, string } from 'fast-check';
import { Rig } from './rig.js';

test('what does not fit is cut to the width, whatever its characters and colours', () => {
  assert.equal(fitted('abcdef', 6), 'abcdef');
  assert.equal(fitted('abcdef', 5), 'abcd…');
  assert.equal(fitted('日本語', 4), '日…');
  assert.equal(fitted('\u001b[31mabcdef\u001b[39m', 3), '\u001b[31mab…\u001b[39m');
  assert.equal(fitted('abc', 0), '');
  holds(
    property(string({ unit: 'grapheme' }), integer({ min: 1, max: 20 }), (text, width) => {
      assert.ok(widthOf(fitted(text, width)) <= width);
    }),
  );
});

test('a table gives up the width of its widest columns first', () => {
  const id = '0123456789'.repeat(4);
  const rows = [
    [id, 'laptop', 'online'],
    [id, 'desktop', 'offline'],
  ];
  assert.equal(columns(rows), rows.map(([a, b = '', c]) => `${a}  ${b.padEnd(7)}  ${c}`).join('\n'));
  assert.deepEqual(columns(rows, '', 30).split('\n'), [
    '01234567890…  laptop   online',
    '01234567890…  desktop  offline',
  ]);
  const halved = columns(rows, '', 20).split('\n');
  assert.deepEqual(
    halved,
    ['01234567…  laptop   online', '01234567…  desktop  offline'],
    'ids stay long enough',
  );
});

test('meanings are wrapped beside their terms, or below where there is no room', () => {
  const rows = [
    ['a', 'one two three four five six seven'],
    ['long-term', 'x'],
  ] as const;
  assert.equal(
    definitions(rows, 40),
    ['  a          one two three four five six', '             seven', '  long-term  x'].join('\n'),
  );
  assert.equal(
    definitions(rows, 24),
    ['  a', '    one two three four', '    five six seven', '  long-term', '    x'].join('\n'),
  );
  const wide = 't'.repeat(40);
  assert.equal(
    definitions(
      [
        [wide, 'm'],
        ['s', 'n'],
      ],
      80,
    ),
    `  ${wide}\n     m\n  s  n`,
  );
});

test('a paragraph keeps its words, and a word that is too long has a line of its own', () => {
  assert.equal(wrapped('aa bb cccccccc d', 5), 'aa bb\ncccccccc\nd');
});

test('help is coloured on a terminal that can, and fits on a narrow one', async (context) => {
  const rig = new Rig(context);
  const shown = await rig.run(['help', 'put'], { terminal: true });
  assert.ok(shown.stdout.includes('\u001b[1mExamples\u001b[22m'));
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const plain = await rig.run(['help', 'put'], { terminal: true, env });
    assert.ok(!plain.stdout.includes('\u001b'));
  }
  const piped = await rig.run(['help']);
  assert.ok(piped.stdout.split('\n').every((line) => widthOf(line) <= 80));
});

test('an error is red on a terminal that can, and only there', async (context) => {
  const rig = new Rig(context);
  const shown = await rig.run(['nope'], { terminal: true });
  assert.ok(shown.stderr.startsWith('\u001b[31merror:\u001b[39m There is'));
  assert.match((await rig.run(['nope'], { terminal: true, env: { NO_COLOR: '1' } })).stderr, /^error: There/);
  assert.match((await rig.run(['nope'])).stderr, /^error: There/);
});

test('sentences on a terminal are broken between words, and nowhere else', async (context) => {
  const rig = new Rig(context);
  const argv = ['get', 'a', '--mesh', 'a-mesh-that-nobody-has-ever-heard-of'];
  const shown = (await rig.run(argv, { terminal: true, env: { NO_COLOR: '1' } })).stderr;
  const piped = (await rig.run(argv)).stderr;
  assert.equal(piped.split('\n').length, 2);
  assert(piped.length > 81);
  assert(shown.split('\n').every((line) => line.length <= 80));
  assert.equal(shown.replaceAll('\n', ' '), piped.replaceAll('\n', ' '));
});
