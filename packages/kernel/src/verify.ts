import { verify } from '@lattice/crypto';
import {
  allAtOnce,
  assert,
  type Brand,
  type Bundle,
  bundleBytesMax,
  bundleEntriesMax,
  type EntryRef,
  type NodeId,
  type Steps,
} from '@lattice/model';
import { type BundleResolver, decodeBundleInSteps, type DecodedBundle, MalformedError } from '@lattice/proto';
import { canonicalBytesOf, endsOf } from './bundle-ends.js';
import { hashEntry } from './hashing.js';

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
  const decoded = yield* decoding(bytes, lookUp);
  return decoded.kind === 'bundle' ? yield* verifyingSignatures(decoded) : decoded;
}

/**
 * The same, for what peers send, who send each other much that both have: where all of it is here, nothing that its signatures
 * vouch for is news, and nobody looks at them. `has`: whether an entry is here, which costs a small part of a signature.
 */
export function* verifyingNews(
  bytes: Uint8Array,
  lookUp: BundleResolver['lookUp'],
  has: (entry: EntryRef) => boolean,
): Steps<Verification | { readonly kind: 'known' }> {
  const decoded = yield* decoding(bytes, lookUp);
  if (decoded.kind !== 'bundle') return decoded;
  const ends = endsOf(decoded.bundle);
  return ends.every(has) ? { kind: 'known' } : yield* verifyingSignatures(decoded, ends);
}

/** For what this node has just signed. Never beyond the bounds: nobody else would take it. */
export function trustOwn(bundle: Bundle): VerifiedBundle {
  assert(isWithinBounds(bundle), 'a bundle has at most 1,024 entries and 1 MiB, or one entry');
  return bundle as VerifiedBundle;
}

/** For what this node reads back from its own log: decoding it has refused what is beyond the bounds. */
export function trustLogged(bundle: Bundle): VerifiedBundle {
  return bundle as VerifiedBundle;
}

function isWithinBounds(bundle: Bundle): boolean {
  const { length } = bundle.entries;
  return length === 1 || (length <= bundleEntriesMax && canonicalBytesOf(bundle) <= bundleBytesMax);
}

type Unverified = Extract<DecodedBundle, { readonly kind: 'bundle' }>;

function* decoding(
  bytes: Uint8Array,
  lookUp: BundleResolver['lookUp'],
): Steps<Unverified | Exclude<Verification, { readonly kind: 'verified' }>> {
  try {
    const decoded = yield* decodeBundleInSteps(bytes, { hashEntry, lookUp });
    return decoded.kind === 'unresolved' ? { kind: 'needs-full' } : decoded;
  } catch (error) {
    if (error instanceof MalformedError) return { kind: 'malformed', reason: error.message };
    throw error;
  }
}

function* verifyingSignatures(
  { bundle, form }: Unverified,
  ends: readonly EntryRef[] = endsOf(bundle),
): Steps<Verification> {
  for (const [number, { author, signature }] of bundle.chains.entries()) {
    const end = ends[number];
    assert(end, 'each chain of a bundle ends in it');
    if (!verify(author, 'chain', end.hash, signature))
      return form === 'thin' ? { kind: 'needs-full' } : { kind: 'bad-signature', author };
    yield;
  }
  return { kind: 'verified', bundle: bundle as VerifiedBundle };
}
