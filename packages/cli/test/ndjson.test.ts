import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRecordLine, readLines, recordLine } from '@lattice/cli/testing';
import { utf8 } from '@lattice/model';
import {
  array,
  asyncProperty,
  integer,
  property,
  uint8Array,
  assert as holds,
  string,
  stringMatching,
} from 'fast-check';

const bytes = uint8Array({ maxLength: 40 });

test('every key and value survives a line, whatever its bytes', () => {
  holds(
    property(uint8Array({ minLength: 1, maxLength: 40 }), bytes, (key, value) => {
      const parsed = parseRecordLine(utf8(recordLine({ key, value })));
      assert.ok('record' in parsed);
      assert.deepEqual(new Uint8Array(parsed.record.key), key);
      assert.deepEqual(new Uint8Array(parsed.record.value), value);
    }),
  );
});

test('text is written as text', () => {
  holds(
    property(string({ unit: 'grapheme', minLength: 1 }), (text) => {
      assert.equal(
        recordLine({ key: utf8(text), value: utf8(text) }),
        JSON.stringify({ key: text, value: text }),
      );
    }),
  );
});

test('what is no record is refused with a reason', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /no JSON object/],
    ['{', /no JSON object/],
    ['[]', /no JSON object/],
    ['null', /no JSON object/],
    ['"a"', /no JSON object/],
    ['{}', /no key/],
    ['{"key":"a"}', /no value/],
    ['{"key":"a","value":1}', /no value/],
    ['{"key":"a","value":null}', /no value/],
    ['{"key":1,"value":"b"}', /no key/],
    ['{"key":"a","value":"b","extra":1}', /"extra"/],
    ['{"key":"","value":"b"}', /empty key/],
    ['{"key":{"base64":""},"value":"b"}', /empty key/],
    ['{"key":{"base64":"!"},"value":"b"}', /no key/],
    ['{"key":{"base64":"YQ"},"value":"b"}', /no key/],
    ['{"key":{"base64":"YQ==","hex":"61"},"value":"b"}', /no key/],
    [String.raw`{"key":"\ud800","value":"b"}`, /no key/],
    [`{"key":"${'k'.repeat(1_025)}","value":"b"}`, /more than 1024 bytes/],
    [`{"key":"${'é'.repeat(513)}","value":"b"}`, /more than 1024 bytes/],
    [`{"key":"a","value":"${'v'.repeat(256 * 1024 + 1)}"}`, /more than 262144 bytes/],
  ];
  for (const [line, reason] of cases) {
    const parsed = parseRecordLine(utf8(line));
    assert.ok('problem' in parsed, line.slice(0, 60));
    assert.match(parsed.problem, reason);
  }
  assert.deepEqual(parseRecordLine(Uint8Array.of(0x22, 0xff, 0x22)), { problem: 'is not UTF-8' });
});

test('lines come out whole and numbered, wherever the chunks end', async () => {
  const line = stringMatching(/^[a-zé ]{0,12}\r?$/);
  await holds(
    asyncProperty(array(line), array(integer({ min: 1, max: 7 }), { minLength: 1 }), async (lines, sizes) => {
      const expected = lines
        .map((text, i) => ({ number: i + 1, text }))
        .filter(({ text }) => text.trim() !== '');
      const found = await numbered(chunked(utf8(lines.join('\n')), sizes));
      assert.deepEqual(found, expected);
    }),
  );
});

test('a byte order mark is skipped', async () => {
  const found = await numbered(chunked(utf8('\ufeff{}\n{}'), [1]));
  assert.deepEqual(found, [
    { number: 1, text: '{}' },
    { number: 2, text: '{}' },
  ]);
});

test('a line that cannot end is refused before it fills the memory', async () => {
  async function* endless() {
    for (;;) yield new Uint8Array(64 * 1024).fill(0x20);
  }
  await assert.rejects(numbered(endless()), { code: 'line-too-long', message: /^Line 1 / });
});

async function numbered(stream: AsyncIterable<Uint8Array>) {
  const found: { number: number; text: string }[] = [];
  for await (const group of readLines(stream)) {
    for (const { number, bytes: line } of group) found.push({ number, text: Buffer.from(line).toString() });
  }
  return found;
}

async function* chunked(data: Uint8Array, sizes: readonly number[]) {
  for (let at = 0, i = 0; at < data.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield data.subarray(at, at + size);
    at += size;
  }
}
