import { assert, concatBytes, type NodeId, type Signature } from '@lattice/model';
import sodium from 'sodium-native';
import { type Domain, domainTag } from './domains.js';

/** A node's key. `seed` is what the identity file holds; it never leaves the node. */
export interface KeyPair {
  readonly seed: Uint8Array;
  readonly nodeId: NodeId;
  /** libsodium's form: seed, then public key. 64 bytes. */
  readonly secretKey: Uint8Array;
}

/** Derives the Ed25519 key pair of a 32-byte seed (RFC 8032, section 5.1.5). */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  assert(seed.length === sodium.crypto_sign_SEEDBYTES, 'an Ed25519 seed has 32 bytes');
  const nodeId = new Uint8Array(sodium.crypto_sign_PUBLICKEYBYTES);
  const secretKey = new Uint8Array(sodium.crypto_sign_SECRETKEYBYTES);
  sodium.crypto_sign_seed_keypair(asBuffer(nodeId), asBuffer(secretKey), asBuffer(seed));
  return { seed, nodeId: nodeId as NodeId, secretKey };
}

/** Signs the domain's tag followed by `message`. The tag matters: the same key also authenticates TLS. */
export function sign(key: KeyPair, domain: Domain, message: Uint8Array): Signature {
  return signRaw(key.secretKey, concatBytes(domainTag(domain), message));
}

/**
 * Verifies what `sign` made, by the strict rule of libsodium: canonical S, R and key; no small-order points. Never throws.
 */
export function verify(nodeId: NodeId, domain: Domain, message: Uint8Array, signature: Signature): boolean {
  return verifyRaw(nodeId, concatBytes(domainTag(domain), message), signature);
}

/** Plain Ed25519 over the message alone, for checking against published vectors. */
export function signRaw(secretKey: Uint8Array, message: Uint8Array): Signature {
  const signature = new Uint8Array(sodium.crypto_sign_BYTES);
  sodium.crypto_sign_detached(asBuffer(signature), asBuffer(message), asBuffer(secretKey));
  return signature as Signature;
}

/** The strict rule over the message alone. Never throws; wrong lengths do not verify. */
export function verifyRaw(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== sodium.crypto_sign_PUBLICKEYBYTES) return false;
  if (signature.length !== sodium.crypto_sign_BYTES) return false;
  return sodium.crypto_sign_verify_detached(asBuffer(signature), asBuffer(message), asBuffer(publicKey));
}

// The typings ask for Buffer; the library takes any Uint8Array.
function asBuffer(bytes: Uint8Array): Buffer {
  return bytes as Buffer;
}
