import { columns } from '../output/columns.js';

/** Who has seen how much of whom. */
export interface SeenRow {
  readonly label: string;
  readonly author: string;
  readonly seen: readonly { readonly author: string; readonly seq: bigint; readonly of: bigint }[];
}

/** A table of so many authors is still to be read on a narrow screen. */
const tableAuthorsMax = 8;

/** A table, a row for who has seen and a column for whom; a list where that would be too wide. */
export function seenText(rows: readonly SeenRow[], width: number): string {
  const table = rows.length <= tableAuthorsMax ? seenTable(rows) : undefined;
  const fits = table?.split('\n').every((line) => line.length <= width) ?? false;
  return table !== undefined && fits ? table : seenList(rows);
}

function seenTable(rows: readonly SeenRow[]): string {
  const header = ['has seen', ...rows.map(({ label }) => label)];
  const lines = rows.map(({ label, author, seen }) => [
    label,
    ...rows.map((other) => {
      const one = seen.find((candidate) => candidate.author === other.author);
      return other.author === author ? '-' : one === undefined ? '?' : seenPart(one);
    }),
  ]);
  return columns([header, ...lines]);
}

/** A line for each of whom somebody has not seen all. */
function seenList(rows: readonly SeenRow[]): string {
  const labels = new Map(rows.map(({ author, label }) => [author, label]));
  return rows
    .flatMap(({ label, seen }) => {
      const behind = seen.filter(({ seq, of }) => seq < of);
      const others = seen.length - behind.length;
      const all = `${label} has seen all of ${others} ${others === 1 ? 'other' : 'others'}`;
      if (behind.length === 0) return [all];
      return [
        `${all}, and of`,
        ...behind.map((one) => `  ${labels.get(one.author) ?? one.author}: ${seenPart(one)}`),
      ];
    })
    .join('\n');
}

function seenPart({ seq, of }: { readonly seq: bigint; readonly of: bigint }): string {
  if (seq >= of) return 'all';
  return seq === 0n ? `none of ${of}` : `${seq} of ${of}`;
}
