import { assert, type BundleChain, type NodeId, parseNodeId } from '@lattice/model';
import { readChains } from './bundle-decode.js';
import { depByAuthor, formByte } from './bundle-form.js';
import { ByteReader } from './byte-reader.js';
import { canonicalLength } from './entry.js';
import { readHlcDelta } from './hlc-delta.js';

/** A chain of a bundle, and where in the bundle its entries lie. */
export interface OutlinedChain extends BundleChain {
  readonly entries: number;
  /** Indexes into the bundle. */
  readonly first: number;
  readonly last: number;
}

/** What must be known of a full bundle to forward it: no entry is decoded, and nothing is hashed. */
export interface BundleOutline {
  readonly bytes: Uint8Array;
  readonly chains: readonly OutlinedChain[];
  /** That its deps may name beside those of its chains. */
  readonly extraAuthors: readonly NodeId[];
  readonly entries: number;
  /** Of all entries: what the bound of bundles counts. */
  readonly canonicalBytes: number;
  /** Where in the bytes the entries begin. */
  readonly entriesAt: number;
  readonly firstHlc: bigint;
  readonly lastHlc: bigint;
}

/** Of a full bundle that is known to be whole, as those of a log are. */
export function outlineBundle(bytes: Uint8Array): BundleOutline {
  const reader = new ByteReader(bytes);
  assert(reader.u8() === formByte.full, 'what is outlined is a full bundle');
  const chains = readChains(reader).map((chain) => ({ ...chain, entries: 0, first: 0, last: 0 }));
  const extraAuthors: NodeId[] = [];
  for (let count = reader.varint(); count > 0; count--) extraAuthors.push(parseNodeId(reader.raw(32)));
  const entries = reader.varint();
  const entriesAt = reader.offset;
  let [canonicalBytes, firstHlc, hlc] = [0, 0n, 0n];
  for (let index = 0; index < entries; index++) {
    const chain = chains[reader.varint()];
    assert(chain, 'a bundle has the chains of its entries');
    if (chain.entries++ === 0) chain.first = index;
    chain.last = index;
    hlc += readHlcDelta(reader);
    if (index === 0) firstHlc = hlc;
    canonicalBytes += skipRest(reader);
  }
  return { bytes, chains, extraAuthors, entries, canonicalBytes, entriesAt, firstHlc, lastHlc: hlc };
}

/** All of an entry behind its hlc. Returns its canonical length. */
function skipRest(reader: ByteReader): number {
  const head = reader.varint();
  const deps = head >> 1;
  for (let i = 0; i < deps; i++) {
    if (reader.varint() % 2 !== depByAuthor) continue;
    reader.skipVarint();
    reader.skip(32);
  }
  if (head & 1) reader.skip(32);
  const payloadBytes = reader.varint();
  reader.skip(payloadBytes);
  return canonicalLength(deps, (head & 1) === 1, payloadBytes);
}
