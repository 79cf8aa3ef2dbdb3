import { type Hash, type Hlc, hlcFromMs, LatticeError, type NodeId, type Place } from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';

/*
 * A position is an operation's place in the one order that all nodes agree on, laid out so that bytes order as places do:
 * time (u64), author (32 bytes), entry hash (32 bytes), index of the operation in its entry (u32), big-endian.
 */

const positionBytes = 76;

/** No clock shows more, as far as a time's 48 bits of milliseconds go. */
const msLimit = 2 ** 47;

const writer = new ByteWriter(positionBytes);

export function encodePosition({ time, author, entry, op }: Place): Uint8Array {
  return writer.reset().bigU64(time).raw(author).raw(entry).u32(op).finish();
}

/** Of a position that this node gave out or keeps. */
export function decodePosition(position: Uint8Array): Place {
  const reader = new ByteReader(position);
  const time = reader.bigU64() as Hlc;
  const author = reader.raw(32) as NodeId;
  const entry = reader.raw(32) as Hash;
  return { time, author, entry, op: reader.u32() };
}

/**
 * The bytes before which lies everything that is earlier: a position's own, or those of the first moment of a millisecond.
 * Throws `position-invalid`.
 */
export function boundBytes(bound: Uint8Array | number): Uint8Array {
  if (typeof bound === 'number') {
    if (Number.isNaN(bound)) throw invalid('A time in a log is a number of milliseconds since 1970.');
    return new ByteWriter(8).bigU64(hlcFromMs(Math.min(bound, msLimit))).finish();
  }
  if (bound.length !== positionBytes)
    throw invalid(
      `A position in a log has ${positionBytes} bytes, this one has ${bound.length}: give it as it was given out.`,
    );
  return bound;
}

function invalid(message: string): LatticeError {
  return new LatticeError('position-invalid', message);
}
