export {
  bundleAuthors,
  decodeBundle,
  decodeBundleInSteps,
  type BundleResolver,
  type DecodedBundle,
} from './bundle-decode.js';
export { encodeBundle, writeBundle } from './bundle-encode.js';
export type { BundleForm } from './bundle-form.js';
export { type BundleOutline, outlineBundle } from './bundle-outline.js';
export { payloadInBundle } from './bundle-payload.js';
export { type BundlePart, BundleSplicer, type SendableBundle } from './bundle-splice.js';
export { ByteReader } from './byte-reader.js';
export { ByteWriter } from './byte-writer.js';
export {
  canonicalEntryBytes,
  canonicalEntryLength,
  writeCanonicalEntry,
  writeCanonicalHead,
} from './entry.js';
export type { FollowPosition, Listing } from './following/cursor.js';
export {
  behindAll,
  behindListing,
  follow,
  type FollowBackend,
  type Followed,
  type Teller,
} from './following/follow.js';
export { operationsOf } from './following/operations-of.js';
export type { Page } from './following/page.js';
export { decodeGenesis, encodeGenesis, isStoreType } from './genesis.js';
export { MalformedError } from './malformed.js';
export { OpenChains } from './open-chains.js';
export { decodePayload, encodePayload, payloadAround, payloadHeadroom, withHeadroom } from './payload.js';
export * as wire from './gen/wire_pb.js';
export { decodeMessage, encodeMessage, newMessage } from './messages.js';
