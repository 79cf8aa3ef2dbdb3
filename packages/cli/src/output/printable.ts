import { byteOf, wordOf } from '../line/word-bytes.js';

/**
 * Other people's data must not drive the terminal: escape sequences, and marks that reverse the direction of text, can
 * hide or forge what a line says. What is not a visible character is spelled out. The joiners that emoji and several
 * scripts need are let through.
 */
const invisible = /(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}]/u;
const invisibleOrSpace = /(?![ \u200c\u200d])[\p{C}\p{Z}]/u;
const needsQuotes = /^[#-]|[\s"'\\]|^$/;

/** One word on one line, as it can be typed into the shell: quoted and escaped where it must be. */
export function quoted(text: string): string {
  if (!needsQuotes.test(text) && !invisibleOrSpace.test(text)) return text;
  return `"${betweenQuotes(text)}"`;
}

/** The same without the double quotes around it, for a word that is not complete. */
export function betweenQuotes(text: string): string {
  let inside = '';
  for (const character of text) inside += inQuotes(character);
  return inside;
}

/** What somebody called something, in a sentence: always in quotes. */
export function named(name: string): string {
  const text = quoted(name);
  return text.startsWith('"') ? text : `"${text}"`;
}

/** What somebody called something, in a table. */
export function nameText(name: string): string {
  return name === '' ? '-' : quoted(name);
}

/** A key or value on one line. Bytes that are no text are shown as \xNN. */
export function quotedBytes(bytes: Uint8Array): string {
  return quoted(wordOf(bytes));
}

/** Text of any origin for a terminal: as it is, lines included, but for what is no visible character. */
export function harmless(text: string): string {
  let safe = '';
  for (const character of text) {
    const isHarmless = character === '\n' || character === '\t' || !invisible.test(character);
    safe += isHarmless ? character : escaped(character);
  }
  return safe;
}

function inQuotes(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return invisibleOrSpace.test(character) ? escaped(character) : character;
}

function escaped(character: string): string {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  if (short !== undefined) return short;
  const byte = byteOf(character);
  if (byte !== undefined) return `\\x${byte.toString(16)}`;
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
