import { type InvalidOp, keyBytesMax, keyBytesMin, Slab, valueBytesMax } from '@lattice/model';
import { ByteReader, ByteWriter, MalformedError, withHeadroom } from '@lattice/proto';

/** One operation of a key-value store. */
export type KvOp =
  | { readonly kind: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly key: Uint8Array };

const opPut = 1;
const opDelete = 2;

/**
 * Lays operations out one after the other, behind `payloadHeadroom` bytes: u8 kind, key, and for a put its value, each with
 * its length as a varint.
 */
export function encodeKvOps(operations: readonly KvOp[]): Uint8Array {
  const bytes = operations.reduce((sum, op) => sum + roomFor(op), 0);
  return withHeadroom(bytes, (writer) => {
    for (const op of operations) writeOp(writer, op);
  });
}

/** The same of one alone that is small. It is soon in an entry: so such share memory, as making it costs more than filling it. */
export function encodeSmallKvOp(op: KvOp): Uint8Array {
  writeOp(small.reset(), op);
  return smallOnes.copy(small.view());
}

export function isSmall(op: KvOp): boolean {
  return roomFor(op) <= smallBytesMax;
}

const smallBytesMax = 4 * 1024;
const small = new ByteWriter(smallBytesMax);
const smallOnes = new Slab();

/** What `encodeKvOps` laid out; the whole payload is invalid where any of it is. */
export function decodeKvOps(bytes: Uint8Array): readonly KvOp[] | InvalidOp {
  const reader = new ByteReader(bytes);
  const operations: KvOp[] = [];
  try {
    while (reader.remaining > 0) operations.push(readOp(reader));
  } catch (error) {
    if (error instanceof MalformedError) return { kind: 'invalid-op', reason: error.message };
    throw error;
  }
  return operations;
}

/** One of the operations that `encodeKvOps` laid out, by its index; those before it are skipped. */
export function kvOpAt(bytes: Uint8Array, index: number): KvOp {
  const reader = new ByteReader(bytes);
  for (let before = index; before > 0; before--) {
    const kind = reader.u8();
    reader.skip(reader.varint());
    if (kind === opPut) reader.skip(reader.varint());
  }
  return readOp(reader);
}

function readOp(reader: ByteReader): KvOp {
  const kind = reader.u8();
  if (kind !== opPut && kind !== opDelete) throw new MalformedError(`operation ${kind} is not known`);
  const key = reader.prefixed(keyBytesMax, 'a key');
  if (key.length < keyBytesMin) throw new MalformedError('a key is empty');
  return kind === opPut
    ? { kind: 'put', key, value: reader.prefixed(valueBytesMax, 'a value') }
    : { kind: 'delete', key };
}

function writeOp(writer: ByteWriter, op: KvOp): void {
  if (op.kind === 'put') writer.u8(opPut).prefixed(op.key).prefixed(op.value);
  else writer.u8(opDelete).prefixed(op.key);
}

/** At least as many bytes as it takes; a writer reserves 8 for each number. */
function roomFor(op: KvOp): number {
  return op.key.length + (op.kind === 'put' ? op.value.length : 0) + 18;
}
