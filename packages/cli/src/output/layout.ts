import { padded } from './columns.js';
import { widthOf } from './fitted.js';
import { wrapped } from './wrapped.js';
import type { Writer } from './writer.js';

/** Longer lines are hard to read, however wide the terminal is. */
const readingWidthMax = 100;
const readingWidthMin = 40;

/** How wide text for people is laid out. */
export function readingWidth({ columns }: Writer): number {
  return Math.max(readingWidthMin, Math.min(readingWidthMax, columns));
}

/** A term, and what it means. */
export type Definition = readonly [term: string, meaning: string];

const indent = '  ';
/** A term that is wider has its meaning below it. */
const termWidthMax = 34;

/** Terms in one column and meanings beside them, wrapped within theirs. Lists that give the same `termWidth` line up. */
export function definitions(
  rows: readonly Definition[],
  width: number,
  termWidth: number = termWidthOf(rows),
): string {
  const beside = width - indent.length - termWidth - 2;
  const isNarrow = beside < 24;
  const behind = ' '.repeat(isNarrow ? 2 * indent.length : indent.length + termWidth + 2);
  return rows
    .flatMap(([term, meaning]) => {
      const lines = wrapped(meaning, isNarrow ? width - behind.length : beside).split('\n');
      if (isNarrow || widthOf(term) > termWidth)
        return [indent + term, ...lines.map((line) => behind + line)];
      const [first = '', ...others] = lines;
      return [`${indent}${padded(term, termWidth)}  ${first}`, ...others.map((line) => behind + line)];
    })
    .join('\n');
}

/** The widest of the terms that have their meanings beside them. */
export function termWidthOf(rows: readonly Definition[]): number {
  return Math.max(0, ...rows.map(([term]) => widthOf(term)).filter((width) => width <= termWidthMax));
}
