import { fromUtf8 } from '@lattice/model';

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
  let inside = '';
  for (const character of text) inside += inQuotes(character);
  return `"${inside}"`;
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

/** A key or value on one line. Bytes that are no text are shown as \xNN, which the shell does not read back. */
export function quotedBytes(bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  if (text !== undefined) return quoted(text);
  let inside = '';
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte < 0x7f;
    inside += isPlain ? inQuotes(String.fromCharCode(byte)) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${inside}"`;
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
  return short ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
