import type { HistoryEntry } from '@lattice/api';
import { type Hlc, hlcToMs } from '@lattice/model';
import stringWidth from 'string-width';
import { localTimeText, padded, shortId } from '../output/columns.js';
import type { Paint } from '../output/paint.js';
import { clipped } from '../output/wrapped.js';
import type { AuthorLabels } from './author-labels.js';
import { Graph, type GraphPiece } from './graph.js';

/** What is beside the graph begins in the same column for so many rows. */
const pageRows = 100;
const graphColumnsMax = 8;
/** What an author is called takes at most so much, and less where all are shorter. */
const labelWidthMin = 8;
/** What narrower terminals have no room for is left out. */
const widthForLabels = 40;
const widthForTimes = 60;

export interface LinesOptions {
  readonly labels: AuthorLabels;
  readonly paint: Paint;
  /** Of a line. */
  readonly width: number;
  /** What an entry did. */
  readonly text: (entry: HistoryEntry) => string;
  /** Whether the heads are in conflict with each other. */
  readonly conflicted: boolean;
}

/** A line for each entry: graph, id, author, time, and what it did. */
export async function* historyLines(
  entries: AsyncIterable<HistoryEntry>,
  options: LinesOptions,
): AsyncGenerator<string> {
  // Half of a narrow terminal is left for the words.
  const graph = new Graph(Math.max(2, Math.min(graphColumnsMax, Math.floor(options.width / 8))));
  let isFirst = true;
  for await (const page of pagesOf(entries, pageRows)) {
    const rows = page.map((entry) => {
      const pieces = graph.row({
        id: entry.entry,
        deps: entry.deps,
        mark: markOf(entry),
        colour: options.labels.colour(entry.author),
      });
      return { entry, pieces, graphWidth: pieces.reduce((sum, { text }) => sum + text.length, 0) };
    });
    const graphWidth = Math.max(...rows.map((row) => row.graphWidth));
    const labelWidth = Math.max(
      labelWidthMin,
      ...page.map(({ author }) => stringWidth(options.labels.label(author))),
    );
    for (const row of rows) {
      const space = ' '.repeat(graphWidth - row.graphWidth + 2);
      const notes = notesOn(row.entry, options.conflicted, isFirst);
      yield lineOf(
        row.entry,
        `${painted(row.pieces, options.paint)}${space}`,
        graphWidth + 2,
        labelWidth,
        notes,
        options,
      );
      isFirst = false;
    }
  }
}

function lineOf(
  entry: HistoryEntry,
  graph: string,
  graphWidth: number,
  labelWidth: number,
  notes: string,
  { labels, paint, width, text }: LinesOptions,
): string {
  const place = [
    { text: shortId(entry.entry), paint: (plain: string) => plain },
    ...(width < widthForLabels
      ? []
      : [
          {
            text: padded(labels.label(entry.author), labelWidth),
            paint: (plain: string) => paint.author(labels.colour(entry.author), plain),
          },
        ]),
    ...(width < widthForTimes
      ? []
      : [
          {
            text: localTimeText(hlcToMs(entry.time as Hlc)),
            paint: (plain: string) => paint.as('faint', plain),
          },
        ]),
  ];
  const room = width - graphWidth - place.reduce((sum, { text: plain }) => sum + stringWidth(plain) + 2, 0);
  const shownNotes = cut(notes, Math.max(0, room));
  const what = cut(text(entry), Math.max(0, room - (shownNotes === '' ? 0 : stringWidth(shownNotes) + 1)));
  const words = [paint.as('warning', shownNotes), what].filter((part) => part !== '').join(' ');
  return (graph + [...place.map((part) => part.paint(part.text)), words].join('  ')).trimEnd();
}

/** A star for what nothing follows yet, a cross for what does not count or was issued again. */
function markOf({ counts, replaced, head }: HistoryEntry): string {
  if (!counts || replaced) return 'x';
  return head ? '*' : 'o';
}

function notesOn(
  { head, counts, forked, replaced }: HistoryEntry,
  conflicted: boolean,
  isNewest: boolean,
): string {
  const notes: string[] = [];
  if (conflicted && head) notes.push(isNewest ? 'in conflict, wins' : 'in conflict');
  if (forked) notes.push('fork');
  if (!counts) notes.push('does not count');
  if (replaced) notes.push('issued again');
  return notes.length === 0 ? '' : `(${notes.join(', ')})`;
}

/** What fits; of a very long text, no more is looked at than may. */
function cut(text: string, width: number): string {
  if (width === Number.POSITIVE_INFINITY) return text;
  if (width < 1) return '';
  const charactersMax = 8 * width;
  return clipped(text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text, width);
}

/** Neighbours of one colour are painted in one go. */
function painted(pieces: readonly GraphPiece[], paint: Paint): string {
  let line = '';
  for (let at = 0; at < pieces.length;) {
    const colour = pieces[at]?.colour;
    let text = '';
    for (; at < pieces.length && pieces[at]?.colour === colour; at++) text += pieces[at]?.text ?? '';
    line += colour === undefined ? text : paint.author(colour, text);
  }
  return line;
}

async function* pagesOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
