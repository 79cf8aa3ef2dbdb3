import { quoted, betweenQuotes } from '../output/printable.js';
import { type Open, scanLine, type ScannedWord, type Token } from '../line/split-line.js';
import { type Candidate, type Candidates, candidatesFor } from './candidates.js';
import { commonPrefix } from './common-prefix.js';
import type { Lookups } from './lookups.js';
import type { CommandTable } from './place.js';

/** What Tab does to a line of Lattice's own shell. */
export interface Completions {
  /** The end of the line that is replaced: the word that the cursor is in, as it was typed. */
  readonly replaced: string;
  /** What takes its place, as far as that is certain: the same text where nothing is. */
  readonly text: string;
  /** Whether `text` is a whole word, so that a space may follow. */
  readonly isWhole: boolean;
  /** What there is to choose from: more than one, or none. */
  readonly choices: readonly Candidate[];
  /** Whether there are more than these. */
  readonly more: boolean;
}

/** Completes the line, which is what stands before the cursor. */
export async function completionsFor(
  line: string,
  table: CommandTable,
  lookups: Lookups,
): Promise<Completions> {
  const typed = typedSoFar(line);
  if (typed === undefined) return { replaced: '', text: '', isWhole: false, choices: [], more: false };
  const { before, current, raw, open } = typed;
  const found = await candidatesFor(before, current === undefined ? '' : tokenOf(current), table, lookups);
  const [only] = found.items;
  const unchanged = { replaced: raw, text: raw, isWhole: false };
  if (only === undefined) return { ...unchanged, choices: [], more: false };
  if (found.items.length === 1 && !found.more) {
    const isWhole = only.isOpen !== true;
    const text = found.head + typedText(only, open, isWhole);
    return { replaced: raw, text, isWhole, choices: [], more: false };
  }
  const common = commonOf(found);
  const choices = { choices: found.items, more: found.more };
  if (found.head.length + common.length <= (current?.text ?? '').length) return { ...unchanged, ...choices };
  const isOption = found.items.every((one) => one.isOption === true);
  const text = found.head + typedText({ word: common, isOption }, open, false);
  return { replaced: raw, text, isWhole: false, ...choices };
}

interface TypedSoFar {
  readonly before: readonly Token[];
  /** The word that the cursor is in; `undefined` after a space. */
  readonly current: ScannedWord | undefined;
  readonly raw: string;
  readonly open: Open | undefined;
}

/** `undefined` where there is nothing to complete: in a comment, in the middle of an escape, after what cannot be read. */
function typedSoFar(line: string): TypedSoFar | undefined {
  try {
    const { words, open, isComment } = scanLine(line);
    if (isComment || open === 'escape' || open === 'backslash') return undefined;
    const last = words.at(-1);
    const isInWord =
      last !== undefined && (open !== undefined || !/\s$/.test(line) || endsInEscape(line, last));
    const before = (isInWord ? words.slice(0, -1) : words).map(tokenOf);
    return {
      before,
      current: isInWord ? last : undefined,
      raw: isInWord ? line.slice(last.start) : '',
      open,
    };
  } catch {
    return undefined;
  }
}

/** `a\ ` ends in a space that is part of the word. */
function endsInEscape(line: string, last: ScannedWord): boolean {
  return scanLine(`${line.slice(last.start)}x`).words.length === 1;
}

function tokenOf({ text, isLiteral }: ScannedWord): Token {
  return isLiteral && text.startsWith('-') ? { literal: text } : text;
}

/** As one types it: in the quotes that were begun, in none where it needs none, and left open where more is to come. */
function typedText(
  { word, isOption }: Pick<Candidate, 'word'> & { readonly isOption?: boolean },
  open: Open | undefined,
  isWhole: boolean,
): string {
  if (isOption === true) return word;
  const isPlain = quoted(word) === word;
  if (open === 'single quote' && !word.includes("'") && betweenQuotes(word) === word)
    return isWhole ? `'${word}'` : `'${word}`;
  if (open === undefined && isPlain) return word;
  return isWhole ? `"${betweenQuotes(word)}"` : `"${betweenQuotes(word)}`;
}

/** What all begin with, in whole characters. */
function commonOf({ items, more, common }: Candidates): string {
  if (more) return common ?? '';
  const [first = '', ...others] = items.map(({ word }) => word);
  return others.reduce(commonPrefix, first);
}
