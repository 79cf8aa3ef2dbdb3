import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoted, splitLine } from '@lattice/cli/testing';
import { property, string, array, assert as holds } from 'fast-check';

const anyText = string({ unit: 'binary' });

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
  ])
    assert.throws(() => splitLine(line), { code: 'usage', message: /: (?:add|write) / }, line);
});

test('what is printed quoted is read back', () => {
  holds(
    property(array(anyText, { minLength: 1 }), (words) => {
      assert.deepEqual(splitLine(words.map(quoted).join(' ')), words);
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
