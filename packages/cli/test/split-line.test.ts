import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoted, quotedBytes, scanLine, splitLine, textOf, wordBytes, wordOf } from '@lattice/cli/testing';
import { property, string, array, assert as holds, oneof, constantFrom, uint8Array } from 'fast-check';

const anyText = string({ unit: 'binary' });
/** Often nearly UTF-8, which is where mistakes are. */
const anyBytes = oneof(
  uint8Array(),
  array(constantFrom(0x41, 0x5c, 0x22, 0x78, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0xff)).map(
    (bytes) => Uint8Array.from(bytes),
  ),
);

test('words are separated by any space', () => {
  assert.deepEqual(splitLine('  put\ta   b \r'), ['put', 'a', 'b']);
  assert.deepEqual(splitLine(''), []);
});

test('quotes keep spaces, and may begin in the middle of a word', () => {
  assert.deepEqual(splitLine(`put 'a b' "c d" e' 'f`), ['put', 'a b', 'c d', 'e f']);
  assert.deepEqual(splitLine(`put '' ""`), ['put', '', '']);
});

test('a backslash takes the next character literally', () => {
  assert.deepEqual(splitLine(String.raw`a\ b \" \\ \#c`), ['a b', '"', '\\', '#c']);
});

test('double quotes know escapes, single quotes know none', () => {
  assert.deepEqual(splitLine(String.raw`"a\n\t\"\\\u{1f600}\q"`), ['a\n\t"\\😀q']);
  assert.deepEqual(splitLine(String.raw`'a\n"'`), [String.raw`a\n"`]);
});

test('# begins a comment, but not within a word', () => {
  assert.deepEqual(splitLine('list # all of it'), ['list']);
  assert.deepEqual(splitLine('get a#b'), ['get', 'a#b']);
});

test('what is not closed is wrong usage, with what to do', () => {
  for (const line of [
    `put 'a`,
    'put "a',
    'put a\\',
    String.raw`"\u{41"`,
    String.raw`"\u{}"`,
    String.raw`"\u{110000}"`,
    String.raw`"\u{dc80}"`,
    String.raw`"\xg0"`,
    String.raw`"\x4"`,
  ])
    assert.throws(() => splitLine(line), { code: 'usage', message: /: (?:add|write) / }, line);
});

test('what is printed quoted is read back', () => {
  holds(
    property(array(anyText, { minLength: 1 }), (words) => {
      assert.deepEqual(splitLine(words.map(quoted).join(' ')).map(textOf), words);
    }),
  );
});

test('what is printed quoted is one line without anything invisible in it', () => {
  holds(
    property(anyText, (text) => {
      assert.doesNotMatch(quoted(text), /(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('a backslash at the end of a line joins it with the next, as in sh', () => {
  assert.deepEqual(splitLine('put a\\\nb "c\\\nd" \\\n e'), ['put', 'ab', 'cd', 'e']);
  assert.deepEqual(splitLine("put 'a\\\nb'"), ['put', 'a\\\nb']);
});

test('what is not closed goes on in the next line', () => {
  const cases = [
    ['put a', undefined],
    ['put "a', 'double quote'],
    ["put 'a", 'single quote'],
    ['put a\\', 'backslash'],
    [String.raw`put "\u{4`, 'escape'],
    ["list # don't", undefined],
    ['put "a\nb"', undefined],
  ] as const;
  for (const [line, open] of cases) assert.equal(scanLine(line).open, open, line);
});

test('a word that begins with a quoted hyphen is told from an option', () => {
  assert.deepEqual(splitLine(String.raw`"--all" '-a' \-b --all a"-"`), [
    { literal: '--all' },
    { literal: '-a' },
    { literal: '-b' },
    '--all',
    'a-',
  ]);
});

test('any bytes that are printed quoted are read back', () => {
  holds(
    property(anyBytes, (bytes) => {
      const [word] = splitLine(quotedBytes(bytes)).map(textOf);
      assert.deepEqual(wordBytes(word ?? ''), Uint8Array.from(bytes));
      assert.equal(word, wordOf(bytes));
      assert.doesNotMatch(quotedBytes(bytes), /[\p{Cc}\p{Cs}]/u);
    }),
  );
});
