import { counted, displayUtf8, fromUtf8 } from '@lattice/model';
import { quoted, quotedBytes } from './printable.js';

/** On a terminal, one line shows no more of a value. */
const shownBytesMax = 200;

/** A value on one line, shortened for a terminal. */
export function valueText(value: Uint8Array, isTerminal: boolean): string {
  if (!isTerminal || value.length <= shownBytesMax) return quotedBytes(value);
  const start = value.subarray(0, shownBytesMax);
  // The cut may have gone through a character.
  const shown =
    fromUtf8(value) === undefined ? quotedBytes(start) : quoted(displayUtf8(start).replace(/\ufffd+$/, ''));
  return `${shown} ... (${counted(value.length, 'byte')})`;
}
