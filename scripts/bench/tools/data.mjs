// What is written: values of 100 bytes at keys of 16 uniformly random bytes, the same on both sides of a comparison.
import { randomBytes, randomInt } from 'node:crypto';

const keyBytes = 16;
const valueBytes = 100;

export function randomKey() {
  return bytes(keyBytes);
}

/** So many different keys. */
export function randomKeys(count) {
  const all = bytes(count * keyBytes);
  return Array.from({ length: count }, (_, index) => all.subarray(index * keyBytes, (index + 1) * keyBytes));
}

export function randomValue(length = valueBytes) {
  return bytes(length);
}

export function pick(list) {
  return list[randomInt(list.length)];
}

/** In pieces of up to `size`. */
export function* chunks(list, size) {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size);
}

/** Plain, as an application has them: not `Buffer`, whose `slice` is another one. */
function bytes(count) {
  return new Uint8Array(randomBytes(count));
}
