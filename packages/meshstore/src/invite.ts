import { blake3, type KeyPair, keyPairFromSeed, sign, verify } from '@lattice/crypto';
import {
  assert,
  concatBytes,
  type NodeId,
  parseNodeId,
  type Random,
  type Signature,
  type StoreId,
} from '@lattice/model';

/** Bytes of the one-time secret that a token carries. */
export const inviteSecretBytes = 32;

/** An invite before it is written: the secret goes into the token and nowhere else, the public key into the mesh. */
export interface NewInvite {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

export function newInvite(random: Random): NewInvite {
  const secret = random.bytes(inviteSecretBytes);
  return { secret, publicKey: invitePublicKey(secret) };
}

/** The public key under which the mesh knows an invite. */
export function invitePublicKey(secret: Uint8Array): Uint8Array {
  return inviteKey(secret).nodeId;
}

/**
 * What a joiner shows instead of the secret: the invite key's signature (domain "invite") over the mesh's id and its
 * own node id. Whoever overhears it cannot join with it, since a connection proves who holds a node's key.
 */
export function proveInvite(secret: Uint8Array, mesh: StoreId, node: NodeId): Signature {
  return sign(inviteKey(secret), 'invite', concatBytes(mesh, node));
}

/** Whether `proof` was made for this node and mesh with the secret behind `publicKey`. Never throws. */
export function verifyInviteProof(
  publicKey: Uint8Array,
  mesh: StoreId,
  node: NodeId,
  proof: Signature,
): boolean {
  return verify(parseNodeId(publicKey), 'invite', concatBytes(mesh, node), proof);
}

/** The Ed25519 key pair whose seed is BLAKE3 (domain "invite") of the secret. */
function inviteKey(secret: Uint8Array): KeyPair {
  assert(secret.length === inviteSecretBytes, 'an invite secret has 32 bytes');
  return keyPairFromSeed(blake3('invite', secret));
}
