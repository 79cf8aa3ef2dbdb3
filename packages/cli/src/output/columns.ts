import stringWidth from 'string-width';

/** Rows as lines, the columns aligned; `indent` before each. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, stringWidth(cell));
  }
  return rows
    .map((row) => indent + row.map((cell, i) => padded(cell, widths[i] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** As wide as that on a terminal, where colours have no width and some characters are two wide. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** "1 peer", "2 peers". */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${Number(count) === 1 ? one : many}`;
}

/** "1.5 MB". */
export function sizeText(bytes: number | bigint): string {
  let size = Number(bytes);
  if (size < 1_000) return counted(bytes, 'byte');
  let unit = '';
  for (const next of ['kB', 'MB', 'GB', 'TB']) {
    if (size < 1_000) break;
    size /= 1_000;
    unit = next;
  }
  return `${size.toFixed(1)} ${unit}`;
}

/** Enough of an id to tell it from others, and to type. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** A clock time for people and programs alike: ISO 8601, UTC, milliseconds. */
export function timeText(ms: number | bigint): string {
  return new Date(Number(ms)).toISOString();
}
