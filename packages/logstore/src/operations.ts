import { type InvalidOp, valueBytesMax } from '@lattice/model';
import { ByteReader, MalformedError, withHeadroom } from '@lattice/proto';

/** One operation of a log. */
export interface LogOp {
  readonly kind: 'append';
  readonly value: Uint8Array;
}

const opAppend = 1;

/** A writer reserves as much for a number, though it may take less. */
const lengthBytesMax = 8;

/** Lays operations out one after the other, behind `payloadHeadroom` bytes: u8 kind, then the value with its length as a varint. */
export function encodeLogOps(operations: readonly LogOp[]): Uint8Array {
  const bytes = operations.reduce((sum, { value }) => sum + 1 + lengthBytesMax + value.length, 0);
  return withHeadroom(bytes, (writer) => {
    for (const { value } of operations) writer.u8(opAppend).prefixed(value);
  });
}

/** What `encodeLogOps` laid out; the whole payload is invalid where any of it is. */
export function decodeLogOps(bytes: Uint8Array): readonly LogOp[] | InvalidOp {
  try {
    return [...operationsIn(bytes)].map(({ operation }) => operation);
  } catch (error) {
    if (error instanceof MalformedError) return { kind: 'invalid-op', reason: error.message };
    throw error;
  }
}

/** The operations and where each begins. Throws `MalformedError`. */
export function* operationsIn(
  bytes: Uint8Array,
): Generator<{ readonly operation: LogOp; readonly offset: number }> {
  const reader = new ByteReader(bytes);
  while (reader.remaining > 0) {
    const offset = bytes.length - reader.remaining;
    const kind = reader.u8();
    if (kind !== opAppend) throw new MalformedError(`operation ${kind} is not known`);
    yield { operation: { kind: 'append', value: reader.prefixed(valueBytesMax, 'a value') }, offset };
  }
}
