import { concatBytes } from '@lattice/model';
import type { SeededRandom } from '@lattice/testkit';

const nothing = new Uint8Array(0);
const longBytesMax = 60_000;

/**
 * Input for a decoder: mostly something valid that went wrong as bytes do on a disk, on a wire and in the hands of an
 * adversary, and now and then noise.
 */
export function fuzzInput(random: SeededRandom, samples: readonly Uint8Array[]): Uint8Array {
  const kind = random.below(20);
  if (kind === 0) return random.bytes(random.below(400));
  const sample = random.pick(samples);
  // Noise behind a beginning that makes sense gets further than noise alone.
  if (kind === 1) return concatBytes(firstOf(random, sample), random.bytes(random.below(100)));
  if (kind === 2) return sample.slice();
  // What costs more than its length shows where it is long.
  if (kind === 3 && random.below(8) === 0) return repeated(random, sample);
  let bytes = sample;
  for (let left = 1 + random.below(4); left > 0; left--) bytes = mutated(random, bytes, samples);
  return bytes;
}

function mutated(random: SeededRandom, bytes: Uint8Array, samples: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  const piece = 1 + random.below(1 + random.below(40));
  switch (random.below(10)) {
    case 0:
      return changed(bytes, at, (byte) => byte ^ (1 << random.below(8)));
    case 1:
      return changed(bytes, at, () => random.pick([0, 1, 2, 0x7f, 0x80, 0xff]));
    case 2:
      return changed(bytes, at, (byte) => byte + random.pick([1, -1]));
    case 3:
      return bytes.slice(0, at);
    case 4:
      return spliced(bytes, at, piece);
    case 5:
      return spliced(bytes, at, 0, bytes.subarray(at, at + piece));
    case 6:
      return spliced(bytes, at, random.below(2) * piece, random.bytes(piece));
    case 7:
      return concatBytes(bytes.subarray(0, at), lastOf(random, random.pick(samples)));
    case 8:
      return spliced(bytes, at, random.below(2), varint(random));
    default:
      return spliced(bytes, at, 4, wordBytes(random, bytes.length));
  }
}

function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = change(copy[at] as number);
  return copy;
}

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array = nothing): Uint8Array {
  return concatBytes(bytes.subarray(0, at), inserted, bytes.subarray(at + removed));
}

/** A beginning, and then a piece of what follows over and over; nothing where there is nothing to repeat. */
function repeated(random: SeededRandom, sample: Uint8Array): Uint8Array {
  const from = random.below(sample.length + 1);
  const piece = sample.subarray(from, from + 1 + random.below(40));
  const length = piece.length === 0 ? 0 : random.below(longBytesMax);
  const bytes = new Uint8Array(from + length);
  bytes.set(sample.subarray(0, from));
  for (let at = from; at < bytes.length; at += piece.length)
    bytes.set(piece.subarray(0, bytes.length - at), at);
  return bytes;
}

function firstOf(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function lastOf(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  return bytes.subarray(random.below(bytes.length + 1));
}

/** A length or a count that is far too large, or just about, or longer than it needs to be. */
function varint(random: SeededRandom): Uint8Array {
  const length = random.below(10);
  const last = random.pick([0, 1, 0x0f, 0x1f, 0x7f, 0xff]);
  return Uint8Array.of(...Array.from({ length }, () => random.pick([0x80, 0xff])), last);
}

/** A 32-bit field, in either byte order. */
function wordBytes(random: SeededRandom, length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  const word = random.pick([
    0,
    1,
    length - 1,
    length,
    length + 1,
    2 ** 21,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
  ]);
  new DataView(bytes.buffer).setUint32(0, word >>> 0, random.below(2) === 0);
  return bytes;
}
