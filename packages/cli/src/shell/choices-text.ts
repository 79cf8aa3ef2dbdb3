import stringWidth from 'string-width';
import type { Candidate } from '../completion/candidates.js';
import { columns, padded } from '../output/columns.js';
import { harmless, quoted } from '../output/printable.js';

/** What there is to choose from, to be shown above the line: with what it means, or side by side. */
export function choicesText(choices: readonly Candidate[], more: boolean, width: number): string {
  if (choices.length === 0) return '';
  const rows = choices.map(({ word, isOption, summary }) => [
    isOption === true ? word : quoted(word),
    ...(summary === undefined ? [] : [harmless(summary)]),
  ]);
  const isExplained = rows.some((row) => row.length > 1);
  const list = isExplained
    ? columns(rows)
    : sideBySide(
        rows.map(([word = '']) => word),
        width,
      );
  return more ? `${list}\n... and more: type some more of it` : list;
}

/** In columns of equal width, read downwards. */
function sideBySide(words: readonly string[], width: number): string {
  const column = Math.max(...words.map((word) => stringWidth(word))) + 2;
  const perRow = Math.max(1, Math.floor(width / column));
  const rowCount = Math.ceil(words.length / perRow);
  const rows = Array.from({ length: rowCount }, (_, row) =>
    words
      .filter((_word, i) => i % rowCount === row)
      .map((word) => padded(word, column))
      .join('')
      .trimEnd(),
  );
  return rows.join('\n');
}
