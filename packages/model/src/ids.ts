import type { Brand } from './brand.js';
import { fromHex, toHex } from './bytes.js';
import { LatticeError } from './errors.js';

/** BLAKE3-256 of an entry, of a genesis, or of a set. 32 bytes. */
export type Hash = Uint8Array & Brand<'Hash'>;
/** Ed25519 public key of a node, which is its identity. 32 bytes. */
export type NodeId = Uint8Array & Brand<'NodeId'>;
/** Ed25519 signature (RFC 8032). 64 bytes. */
export type Signature = Uint8Array & Brand<'Signature'>;
/** A store's id: the hash of its genesis. A mesh's id is that of its mesh store. 32 bytes. */
export type StoreId = Hash & Brand<'StoreId'>;
/** Hexadecimal form of a 32-byte id, for keys of maps and sets. */
export type IdKey = string & Brand<'IdKey'>;

const hashBytes = 32;
const nodeIdBytes = 32;
const signatureBytes = 64;

/** Throws `invalid-id` unless given 32 bytes. */
export function parseHash(bytes: Uint8Array): Hash {
  return sized(bytes, hashBytes, 'hash') as Hash;
}

/** Throws `invalid-id` unless given 32 bytes. Whether they are a point on the curve is for the verifier to say. */
export function parseNodeId(bytes: Uint8Array): NodeId {
  return sized(bytes, nodeIdBytes, 'node id') as NodeId;
}

/** Throws `invalid-id` unless given 32 bytes. */
export function parseStoreId(bytes: Uint8Array): StoreId {
  return sized(bytes, hashBytes, 'store id') as StoreId;
}

/** Throws `invalid-id` unless given 64 bytes. */
export function parseSignature(bytes: Uint8Array): Signature {
  return sized(bytes, signatureBytes, 'signature') as Signature;
}

/** Reads a node id as people see it: 64 hexadecimal digits. Throws `invalid-id`. */
export function nodeIdFromText(text: string): NodeId {
  return parseNodeId(fromHex(text));
}

export function idKey(id: Hash | NodeId): IdKey {
  return toHex(id) as IdKey;
}

/**
 * A store's name on disk and on screen: the first 16 bytes of its id as a UUID of version 8 (RFC 9562, section 5.8),
 * that is, with 6 of those 128 bits replaced by version and variant.
 */
export function storeUuid(id: StoreId): string {
  const bytes = id.slice(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = toHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function sized(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length !== length) {
    throw new LatticeError(
      'invalid-id',
      `A ${what} is ${length} bytes (${2 * length} hexadecimal digits), not ${bytes.length}.`,
    );
  }
  return bytes;
}
