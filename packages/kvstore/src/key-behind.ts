import { concatBytes } from '@lattice/model';

/** The first key behind all that begin with this one; `undefined` where there is none. */
export function keyBehind(prefix: Uint8Array): Uint8Array | undefined {
  for (let length = prefix.length; length > 0; length--) {
    const byte = prefix[length - 1] as number;
    if (byte < 0xff) return concatBytes(prefix.subarray(0, length - 1), Uint8Array.of(byte + 1));
  }
  return undefined;
}
