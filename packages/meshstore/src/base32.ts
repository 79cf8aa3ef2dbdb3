/*
 * RFC 4648, section 6, in lower case and without padding: a double click selects all of it, it survives being read out
 * or upper-cased, and 0, 1, 8 and 9 are not in it.
 */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet.charAt((pending >> (bits - 5)) & 31);
    pending &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + alphabet.charAt((pending << (5 - bits)) & 31);
}

export interface Base32 {
  readonly bytes: Uint8Array;
  /** Whether the text is exactly what encodes the bytes: nothing is left over behind the last one. */
  readonly canonical: boolean;
}

/** Takes lower case only. `undefined`: a character is not of the alphabet. */
export function decodeBase32(text: string): Base32 | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let length = 0;
  let bits = 0;
  let pending = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    pending = (pending << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = pending >> bits;
    pending &= (1 << bits) - 1;
  }
  return { bytes, canonical: bits < 5 && pending === 0 };
}
