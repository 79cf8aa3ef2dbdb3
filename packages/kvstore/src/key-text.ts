import { fromUtf8, toHex } from '@lattice/model';

/** A key is other people's data, and long: what is no plain text is told as digits, and the end of it left out. */
export function keyText(key: Uint8Array): string {
  const text = fromUtf8(key.subarray(0, 80));
  const shown = text !== undefined && /^[ -~]*$/.test(text) ? `"${text}"` : `0x${toHex(key.subarray(0, 40))}`;
  return key.length > 80 ? `${shown}...` : shown;
}
