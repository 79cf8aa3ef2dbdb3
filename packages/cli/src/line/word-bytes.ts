import { fromUtf8, utf8 } from '@lattice/model';

/*
 * A word of the shell is text that can stand for any bytes: one that is no UTF-8 is a lone surrogate, U+DC00 plus the byte,
 * which no text contains (as in PEP 383). Only here does one become the other.
 */

const firstLone = 0xdc80;
const lastLone = 0xdcff;

/** The bytes that a word stands for. */
export function wordBytes(word: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let text = '';
  for (const character of word) {
    const byte = byteOf(character);
    if (byte === undefined) {
      text += character;
      continue;
    }
    parts.push(utf8(text), Uint8Array.of(byte));
    text = '';
  }
  return parts.length === 0 ? utf8(word) : new Uint8Array(Buffer.concat([...parts, utf8(text)]));
}

/** The word that stands for the bytes. */
export function wordOf(bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  if (text !== undefined) return text;
  let word = '';
  for (let at = 0; at < bytes.length;) {
    const { character, length } = characterAt(bytes, at);
    word += character;
    at += length;
  }
  return word;
}

/** The byte that a character of a word stands for; `undefined` for what is text. */
export function byteOf(character: string): number | undefined {
  const code = character.codePointAt(0) ?? 0;
  return code >= firstLone && code <= lastLone ? code - 0xdc00 : undefined;
}

/** What stands for a byte. */
export function characterOf(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}

/** The well-formed character that begins there, else what stands for the one byte. */
function characterAt(bytes: Uint8Array, at: number): { readonly character: string; readonly length: number } {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const sequence = bytes.subarray(at, at + length);
  // Most of what fails does so here, where it costs nothing.
  const isPlausible = sequence.length === length && sequence.subarray(1).every((byte) => byte >> 6 === 0b10);
  const character = isPlausible && length > 0 ? fromUtf8(sequence) : undefined;
  return character === undefined ? { character: characterOf(first), length: 1 } : { character, length };
}
