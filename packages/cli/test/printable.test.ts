import assert from 'node:assert/strict';
import { test } from 'node:test';
import { harmless, jsonForTerminal, quotedBytes } from '@lattice/cli/testing';
import { utf8 } from '@lattice/model';
import { anything, property, string, assert as holds } from 'fast-check';

test('text that needs no quotes has none', () => {
  for (const text of ['a', 'user/1', 'node_modules/@types/node', 'é', '日本', '👩‍👩‍👧', '1.5'])
    assert.equal(quotedBytes(utf8(text)), text);
});

test('text that could be taken for something else is quoted', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', '""'],
    ['a b', '"a b"'],
    ['--all', '"--all"'],
    ['#1', '"#1"'],
    ['say "hi"', String.raw`"say \"hi\""`],
    ['a\\b', String.raw`"a\\b"`],
  ];
  for (const [text, shown] of cases) assert.equal(quotedBytes(utf8(text)), shown);
});

test("a peer's data cannot drive the terminal", () => {
  const cases: readonly (readonly [string, string])[] = [
    ['\u001b[31mred', String.raw`"\u{1b}[31mred"`],
    ['\u009b31m', String.raw`"\u{9b}31m"`],
    ['a\r\nb\tc', String.raw`"a\r\nb\tc"`],
    ['user\u202egnp.exe', String.raw`"user\u{202e}gnp.exe"`],
    ['a\u2028b', String.raw`"a\u{2028}b"`],
  ];
  for (const [text, shown] of cases) assert.equal(quotedBytes(utf8(text)), shown);
});

test('bytes that are no text are spelled out', () => {
  assert.equal(quotedBytes(Uint8Array.of(0xff, 0x41, 0x22, 0x0a)), String.raw`"\xffA\"\n"`);
});

test('text of several lines stays so, without what is invisible', () => {
  assert.equal(harmless('a\n\tb\u001b[2J'), 'a\n\tb\\u{1b}[2J');
});

test('JSON for a terminal is the same document, with everything visible', () => {
  holds(
    property(anything(), string({ unit: 'binary' }), (value, text) => {
      const document = JSON.stringify({ text, value: value ?? null });
      const shown = jsonForTerminal(document);
      assert.deepEqual(JSON.parse(shown), JSON.parse(document));
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}]/u);
    }),
  );
});
