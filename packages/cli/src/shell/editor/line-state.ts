/** What is being typed, and where in it. The cursor stands before the character at its index. */
export interface LineState {
  readonly text: string;
  readonly cursor: number;
}

export const emptyLine: LineState = { text: '', cursor: 0 };

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What people take for characters: a letter with its accents, a family of emoji. */
export function* charactersOf(text: string): Generator<string> {
  for (const { segment } of graphemes.segment(text)) yield segment;
}

export function lineOf(text: string): LineState {
  return { text, cursor: text.length };
}

export function inserted({ text, cursor }: LineState, what: string): LineState {
  return { text: text.slice(0, cursor) + what + text.slice(cursor), cursor: cursor + what.length };
}

/** Takes out what lies between the cursor and another place. */
export function without({ text, cursor }: LineState, to: number): LineState {
  const [start, end] = cursor < to ? [cursor, to] : [to, cursor];
  return { text: text.slice(0, start) + text.slice(end), cursor: start };
}

/** A longer word is crossed in several steps. */
const wordCharsMax = 500;

/** Places in the line that a cursor can go to, by name. */
export const places = {
  left: ({ text, cursor }) => {
    // Within the line alone: characters do not reach over line breaks, and a pasted text can be long.
    const start = lineStart(text, cursor);
    if (start === cursor) return Math.max(0, cursor - 1);
    let last = '';
    for (last of charactersOf(text.slice(start, cursor)));
    return cursor - last.length;
  },
  right: ({ text, cursor }) => {
    const next = charactersOf(text.slice(cursor)).next();
    return next.done === true ? cursor : cursor + next.value.length;
  },
  wordLeft: ({ text, cursor }) => {
    const before = text.slice(Math.max(0, cursor - wordCharsMax), cursor);
    return cursor - (/(?:[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]+)?\s*$/u.exec(before)?.[0].length ?? 0);
  },
  wordRight: ({ text, cursor }) => {
    const after = text.slice(cursor, cursor + wordCharsMax);
    return cursor + (/^\s*(?:[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]+)?/u.exec(after)?.[0].length ?? 0);
  },
  lineStart: ({ text, cursor }) => lineStart(text, cursor),
  lineEnd: ({ text, cursor }) => lineEnd(text, cursor),
} satisfies Readonly<Record<string, (line: LineState) => number>>;

/** One line up or down, in a text of several; `undefined` where there is none. */
export function lineUp({ text, cursor }: LineState): LineState | undefined {
  const start = lineStart(text, cursor);
  if (start === 0) return undefined;
  const above = lineStart(text, start - 1);
  return { text, cursor: Math.min(above + cursor - start, start - 1) };
}

export function lineDown({ text, cursor }: LineState): LineState | undefined {
  const end = lineEnd(text, cursor);
  if (end === text.length) return undefined;
  return { text, cursor: Math.min(end + 1 + cursor - lineStart(text, cursor), lineEnd(text, end + 1)) };
}

function lineStart(text: string, cursor: number): number {
  return cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1;
}

function lineEnd(text: string, cursor: number): number {
  const end = text.indexOf('\n', cursor);
  return end === -1 ? text.length : end;
}
