import { fitted, widthOf } from './fitted.js';

/** Rows as lines, the columns aligned; `indent` before each. Cells of the widest columns are cut until all fits. */
export function columns(
  rows: readonly (readonly string[])[],
  indent = '',
  widthMax: number = Infinity,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  }
  const shown = narrowed(widths, widthMax - widthOf(indent) - gap.length * (widths.length - 1));
  return rows
    .map((row) => indent + row.map((cell, i) => padded(fitted(cell, shown[i] ?? 0), shown[i] ?? 0)).join(gap))
    .map((line) => line.trimEnd())
    .join('\n');
}

const gap = '  ';
/** No column is made narrower than this, however narrow the terminal is: enough of an id to type. */
const narrowestCell = 9;

/** Takes from the widest first, so that ids give way before names do. */
function narrowed(widths: readonly number[], room: number): readonly number[] {
  const shown = [...widths];
  let excess = shown.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...shown);
    if (widest <= narrowestCell) break;
    shown[shown.indexOf(widest)] = widest - 1;
    excess--;
  }
  return shown;
}

/** As wide as that on a terminal, where colours have no width and some characters are two wide. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Enough of an id to tell it from others, and to type. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** A clock time for people and programs alike: ISO 8601, UTC, milliseconds. */
export function timeText(ms: number | bigint): string {
  return new Date(Number(ms)).toISOString();
}

/** The same for reading: to the minute, in the time zone of whoever reads. */
export function localTimeText(ms: number): string {
  const at = new Date(ms);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
