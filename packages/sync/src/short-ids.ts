import { blake3 } from '@lattice/crypto';
import { type EntryRef, type Hash, toHex } from '@lattice/model';

/**
 * A short id: the first 8 bytes of keyed BLAKE3 over a session's nonce and a hash. The nonce is fresh, so that nobody can
 * prepare hashes whose short ids collide; should two collide all the same, the union digest tells.
 */
export const shortIdBytes = 8;
export const nonceBytes = 16;

export function shortId(nonce: Uint8Array, hash: Hash): Uint8Array {
  return blake3('short-id', nonce, hash).subarray(0, shortIdBytes);
}

export function concatShortIds(ids: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(ids.length * shortIdBytes);
  ids.forEach((id, index) => whole.set(id, index * shortIdBytes));
  return whole;
}

/** In hexadecimal, for sets and maps. */
export function splitShortIds(bytes: Uint8Array): readonly string[] {
  const ids: string[] = [];
  for (let at = 0; at < bytes.length; at += shortIdBytes)
    ids.push(toHex(bytes.subarray(at, at + shortIdBytes)));
  return ids;
}

/** The tips by their short ids under one nonce. */
export function tipsByShortId(nonce: Uint8Array, tips: readonly EntryRef[]): ReadonlyMap<string, EntryRef> {
  return new Map(tips.map((tip) => [toHex(shortId(nonce, tip.hash)), tip]));
}
