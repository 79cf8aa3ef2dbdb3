import { verify } from '@lattice/crypto';
import { assert, type Brand, type Bundle, type NodeId, unreachable } from '@lattice/model';
import {
  type BundleForm,
  type BundleResolver,
  decodeBundleInSteps,
  type DecodedBundle,
  MalformedError,
} from '@lattice/proto';
import { hashEntry } from './hashing.js';
import { allAtOnce, type Steps } from './time-slice.js';

/** A bundle all of whose chains are vouched for by their authors' signatures. Only this module's functions make one. */
export type VerifiedBundle = Bundle & Brand<'VerifiedBundle'>;

export type Verification =
  | { readonly kind: 'verified'; readonly bundle: VerifiedBundle }
  /** A thin bundle that does not fit what is known here: ask for it in full, and blame nobody. */
  | { readonly kind: 'needs-full' }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'bad-signature'; readonly author: NodeId };

/**
 * Decodes a peer's bytes and verifies one signature for each chain. Since an entry's hash covers its predecessor's, the
 * last one vouches for all of the chain before it.
 */
export function verifyBundle(bytes: Uint8Array, lookUp: BundleResolver['lookUp']): Verification {
  return allAtOnce(verifying(bytes, lookUp));
}

/** The same in steps, each an entry or a signature: a bundle may have so many of both that it takes long. */
export function* verifying(bytes: Uint8Array, lookUp: BundleResolver['lookUp']): Steps<Verification> {
  let decoded: DecodedBundle;
  try {
    decoded = yield* decodeBundleInSteps(bytes, { hashEntry, lookUp });
  } catch (error) {
    if (error instanceof MalformedError) return { kind: 'malformed', reason: error.message };
    throw error;
  }
  switch (decoded.kind) {
    case 'unresolved':
      return { kind: 'needs-full' };
    case 'bundle':
      return yield* verifyingSignatures(decoded.bundle, decoded.form);
    default:
      return unreachable(decoded);
  }
}

/** For what this node has just signed, or reads back from its own log. */
export function trustOwn(bundle: Bundle): VerifiedBundle {
  return bundle as VerifiedBundle;
}

function* verifyingSignatures(bundle: Bundle, form: BundleForm): Steps<Verification> {
  const lastOf: number[] = [];
  bundle.chainOf.forEach((chain, index) => (lastOf[chain] = index));
  for (const [number, chain] of bundle.chains.entries()) {
    const last = lastOf[number];
    const hash = last === undefined ? undefined : bundle.hashes[last];
    assert(hash, 'each chain of a bundle has an entry');
    if (!verify(chain.author, 'chain', hash, chain.signature))
      return form === 'thin' ? { kind: 'needs-full' } : { kind: 'bad-signature', author: chain.author };
    yield;
  }
  return { kind: 'verified', bundle: bundle as VerifiedBundle };
}
