import { LatticeError } from '@lattice/model';
import type { Json } from '../output/json-text.js';
import type { Output } from '../output/output.js';
import { harmless } from '../output/printable.js';

/** What comes in one go, and where to go on from after it. */
export interface FollowedPage<Item> {
  readonly items: readonly Item[];
  readonly cursor: string;
  readonly reset: boolean;
}

interface FollowOutput<Item> {
  /** The command that goes on, without its --since. */
  readonly again: string;
  readonly underWay: string;
  readonly resetText: string;
  readonly since: string | undefined;
  readonly json: (item: Item) => { readonly [name: string]: Json };
  readonly text: (item: Item) => string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Prints what comes, a line each, until Ctrl-C; on a terminal it ends with what to type to go on from there. */
export async function printFollowed<Item>(
  pages: AsyncIterable<FollowedPage<Item>>,
  { again, underWay, resetText, since, json, text, output, signal }: FollowOutput<Item>,
): Promise<void> {
  let cursor = since;
  let isUnderWay = false;
  try {
    for await (const page of pages) {
      if (!isUnderWay && output.stderr.isTerminal) output.note(underWay);
      isUnderWay = true;
      if (page.reset && !output.json) output.note(resetText);
      await output.lines(linesOf(page, cursor ?? page.cursor), {
        json: (line) => lineJson(line, json),
        text: (line) => (line.kind === 'item' ? text(line.item) : undefined),
      });
      ({ cursor } = page);
    }
  } catch (error) {
    // Ctrl-C is how it ends, and no failure.
    if (!signal.aborted) throw withCursor(error, again, cursor);
  }
  if (isUnderWay && output.stderr.isTerminal) {
    // In one piece, however narrow the terminal: it is there to be typed.
    output.stderr.writeNow(`To go on from here:\n${harmless(`${again} --since ${cursor}`)}\n`);
  }
}

/** What is printed, and where to go on from after it. */
type Line<Item> = { readonly cursor: string } & (
  { readonly kind: 'item'; readonly item: Item } | { readonly kind: 'reset' | 'cursor' }
);

/**
 * Of a page's lines only the last has its cursor: whoever goes on from an earlier one is told the page again, and misses
 * nothing. `before`: the cursor that led to the page.
 */
function linesOf<Item>({ items, cursor, reset }: FollowedPage<Item>, before: string): readonly Line<Item>[] {
  const lines = items.map((item): Line<Item> => ({ kind: 'item', item, cursor: before }));
  const last = lines.pop() ?? { kind: 'cursor' };
  const head: readonly Line<Item>[] = reset ? [{ kind: 'reset', cursor: before }] : [];
  return [...head, ...lines, { ...last, cursor }];
}

function lineJson<Item>(line: Line<Item>, json: FollowOutput<Item>['json']): Json {
  const { cursor } = line;
  if (line.kind === 'item') return { ...json(line.item), cursor };
  return line.kind === 'reset' ? { reset: true, cursor } : { cursor };
}

/** What happened, and where to go on from when that is mended. */
function withCursor(error: unknown, again: string, cursor: string | undefined): unknown {
  if (!(error instanceof LatticeError) || error.code !== 'daemon-gone' || cursor === undefined) return error;
  const message = `The process that ran this node was closed: go on with \`${again} --since ${cursor}\`.`;
  return new LatticeError(error.code, message, { cause: error });
}
