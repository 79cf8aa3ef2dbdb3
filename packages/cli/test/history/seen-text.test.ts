import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seenText } from '@lattice/cli/testing';

test('few authors are a table of who has seen how much of whom', () => {
  assert.equal(
    seenText(rowsOf(['ann', 'ben', 'cy']), 80),
    [
      'has seen  ann     ben  cy',
      'ann       -       all  all',
      'ben       1 of 3  -    all',
      'cy        1 of 3  all  -',
    ].join('\n'),
  );
});

test('many authors, or a narrow screen, are a list of what is not seen', () => {
  const many = Array.from({ length: 9 }, (_, i) => `author ${i}`);
  const [first, second, third] = seenText(rowsOf(many), 200).split('\n');
  assert.deepEqual(
    [first, second, third],
    ['author 0 has seen all of 8 others', 'author 1 has seen all of 7 others, and of', '  author 0: 1 of 3'],
  );
  assert.match(seenText(rowsOf(['ann', 'ben']), 10), /^ann has seen all of 1 other$/m);
});

/** All have seen everything, but of the first author only the first of three entries. */
function rowsOf(names: readonly string[]) {
  return names.map((label) => ({
    label,
    author: label,
    seen: names
      .filter((other) => other !== label)
      .map((author) => ({ author, seq: author === names[0] ? 1n : 3n, of: 3n })),
  }));
}
