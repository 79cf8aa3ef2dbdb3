import {
  assert,
  compareBytes,
  type CutOff,
  genesisRandomBytes,
  type InvalidOp,
  LatticeError,
  parseHash,
  parseNodeId,
  parseSignature,
  parseStoreId,
  storeTypeCharsMax,
  fromUtf8,
  unreachable,
  utf8,
} from '@lattice/model';
import { ByteReader, ByteWriter, isStoreType, MalformedError } from '@lattice/proto';
import { checkName, isName, nameBytesMax } from './name.js';
import {
  cutOffsMax,
  type MeshOp,
  type RevokeOp,
  revokedStoresMax,
  type Role,
  type StoreCutOff,
} from './op.js';

/*
 * A payload of the mesh store, version 1, is the varint 1 and then operations, one after the other, to its end.
 * Each is a u8, its kind, then its fields. Integers and varints as `ByteWriter` lays them out.
 *
 *   1 nameMesh     name
 *   2 invite       publicKey (32 bytes) · role · expiryMs (varint)
 *   3 admit        node (32) · role · name or none · invite: entry hash (32), op (varint) · proof (64)
 *   4 revoke       node (32) · stores (varint, 0 to 4,096) · for each, strictly ascending by id:
 *                  store id (32) · entries (varint, 0 to 64) · for each, strictly ascending by (seq, hash):
 *                  seq (varint, 1 or more), hash (32)
 *   5 createStore  type (varint length, 1 to 32 ASCII bytes) · random (32) · name
 *   6 nameStore    store id (32) · name
 *   7 nameNode     name
 *   8 removeStore  store id (32)
 *
 *   role           u8: 1 = member
 *   name           varint length, 1 to 64 ("or none": 0 to 64), then well-formed UTF-8 without control characters (Cc)
 *
 * Anything else in it, and the whole payload is invalid: a batch is never half applied.
 */

/** One operation's bytes; throws `invalid-name` or `invalid-store-type` where a person chose one that cannot be. */
export function encodeMeshOp(op: MeshOp): Uint8Array {
  const writer = new ByteWriter(192).u8(kindCodes[op.kind]);
  switch (op.kind) {
    case 'nameMesh':
    case 'nameNode':
      return writer.prefixed(nameBytes(op.name)).finish();
    case 'invite':
      return writer.raw(sized(op.publicKey, 32)).u8(roleCodes[op.role]).varint(op.expiryMs).finish();
    case 'admit':
      writer.raw(op.node).u8(roleCodes[op.role]).prefixed(optionalNameBytes(op.name));
      return writer.raw(op.invite.entry).varint(op.invite.op).raw(op.proof).finish();
    case 'revoke':
      return writeRevocation(writer, op).finish();
    case 'createStore':
      writer.prefixed(storeTypeBytes(op.type)).raw(sized(op.random, genesisRandomBytes));
      return writer.prefixed(nameBytes(op.name)).finish();
    case 'nameStore':
      return writer.raw(op.store).prefixed(nameBytes(op.name)).finish();
    case 'removeStore':
      return writer.raw(op.store).finish();
    default:
      return unreachable(op);
  }
}

/** Reads a payload's operations (its version already taken off). The result shares no memory with the input. */
export function decodeMeshOps(operations: Uint8Array): readonly MeshOp[] | InvalidOp {
  const reader = new ByteReader(operations);
  const decoded: MeshOp[] = [];
  try {
    while (reader.remaining > 0) decoded.push(readOp(reader));
  } catch (error) {
    if (error instanceof MalformedError) return { kind: 'invalid-op', reason: error.message };
    throw error;
  }
  return decoded;
}

const kindCodes: Readonly<Record<MeshOp['kind'], number>> = {
  nameMesh: 1,
  invite: 2,
  admit: 3,
  revoke: 4,
  createStore: 5,
  nameStore: 6,
  nameNode: 7,
  removeStore: 8,
};

const roleCodes: Readonly<Record<Role, number>> = { member: 1 };

function readOp(reader: ByteReader): MeshOp {
  const code = reader.u8();
  switch (code) {
    case kindCodes.nameMesh:
      return { kind: 'nameMesh', name: readName(reader) };
    case kindCodes.invite:
      return { kind: 'invite', publicKey: read32(reader), role: readRole(reader), expiryMs: reader.varint() };
    case kindCodes.admit:
      return {
        kind: 'admit',
        node: parseNodeId(read32(reader)),
        role: readRole(reader),
        name: readOptionalName(reader),
        invite: { entry: parseHash(read32(reader)), op: reader.varint() },
        proof: parseSignature(reader.raw(64).slice()),
      };
    case kindCodes.revoke:
      return { kind: 'revoke', node: parseNodeId(read32(reader)), cutOffs: readStoreCutOffs(reader) };
    case kindCodes.createStore:
      return {
        kind: 'createStore',
        type: readStoreType(reader),
        random: read32(reader),
        name: readName(reader),
      };
    case kindCodes.nameStore:
      return { kind: 'nameStore', store: parseStoreId(read32(reader)), name: readName(reader) };
    case kindCodes.nameNode:
      return { kind: 'nameNode', name: readName(reader) };
    case kindCodes.removeStore:
      return { kind: 'removeStore', store: parseStoreId(read32(reader)) };
    default:
      throw new MalformedError(`operation kind ${code} is not known`);
  }
}

function writeRevocation(writer: ByteWriter, op: RevokeOp): ByteWriter {
  assert(op.cutOffs.length <= revokedStoresMax, `a revocation names at most ${revokedStoresMax} stores`);
  writer.raw(op.node).varint(op.cutOffs.length);
  const cutOffs = [...op.cutOffs].sort((a, b) => compareBytes(a.store, b.store));
  assert(isStrictlyAscending(cutOffs, compareStores), 'a revocation names each store once');
  for (const { store, entries } of cutOffs) {
    assert(entries.length <= cutOffsMax, `a revocation names at most ${cutOffsMax} entries of a store`);
    const sorted = [...entries].sort(compareCutOffs);
    assert(isStrictlyAscending(sorted, compareCutOffs), 'a revocation names each entry once');
    writer.raw(store).varint(sorted.length);
    for (const { seq, hash } of sorted) writer.varint(seq).raw(hash);
  }
  return writer;
}

function readStoreCutOffs(reader: ByteReader): StoreCutOff[] {
  const stores: StoreCutOff[] = [];
  const count = reader.bounded(revokedStoresMax, 'the number of stores in a revocation');
  for (let i = 0; i < count; i++)
    stores.push({ store: parseStoreId(read32(reader)), entries: readCutOffs(reader) });
  if (!isStrictlyAscending(stores, compareStores))
    throw new MalformedError('stores of a revocation are out of order');
  return stores;
}

function readCutOffs(reader: ByteReader): CutOff[] {
  const entries: CutOff[] = [];
  const count = reader.bounded(cutOffsMax, 'the number of cut-offs in a store');
  for (let i = 0; i < count; i++) entries.push({ seq: readSeq(reader), hash: parseHash(read32(reader)) });
  if (!isStrictlyAscending(entries, compareCutOffs)) throw new MalformedError('cut-offs are out of order');
  return entries;
}

function compareStores(a: StoreCutOff, b: StoreCutOff): number {
  return compareBytes(a.store, b.store);
}

function compareCutOffs(a: CutOff, b: CutOff): number {
  return a.seq - b.seq || compareBytes(a.hash, b.hash);
}

function isStrictlyAscending<T>(items: readonly T[], compare: (a: T, b: T) => number): boolean {
  return items.every((item, i) => i === 0 || compare(items[i - 1] as T, item) < 0);
}

function readSeq(reader: ByteReader): number {
  const seq = reader.varint();
  if (seq === 0) throw new MalformedError('a seq counts from 1');
  return seq;
}

function readRole(reader: ByteReader): Role {
  const code = reader.u8();
  if (code !== roleCodes.member) throw new MalformedError(`role ${code} is not known`);
  return 'member';
}

function readName(reader: ByteReader): string {
  const name = readOptionalName(reader);
  if (name === '') throw new MalformedError('a name is empty');
  return name;
}

function readOptionalName(reader: ByteReader): string {
  const text = fromUtf8(reader.prefixed(nameBytesMax, 'a name'));
  if (text === undefined) throw new MalformedError('a name is not UTF-8');
  if (text !== '' && !isName(text)) throw new MalformedError('a name has control characters');
  return text;
}

function readStoreType(reader: ByteReader): string {
  const type = fromUtf8(reader.prefixed(storeTypeCharsMax, 'a store type')) ?? '';
  if (!isStoreType(type)) throw new MalformedError('a store type has characters that are not allowed');
  return type;
}

function read32(reader: ByteReader): Uint8Array {
  return reader.raw(32).slice();
}

function nameBytes(name: string): Uint8Array {
  return utf8(checkName(name));
}

function optionalNameBytes(name: string): Uint8Array {
  return name === '' ? new Uint8Array(0) : nameBytes(name);
}

function storeTypeBytes(type: string): Uint8Array {
  if (isStoreType(type)) return utf8(type);
  throw new LatticeError(
    'invalid-store-type',
    `A store type is 1 to ${storeTypeCharsMax} of a-z, 0-9 and hyphens, a letter first: choose another.`,
  );
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  assert(bytes.length === length, `a field has ${length} bytes`);
  return bytes;
}
