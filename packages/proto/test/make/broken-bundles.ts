import { sign, signRaw } from '@lattice/crypto';
import {
  type Bundle,
  bundleEntriesMax,
  concatBytes,
  type EntryRef,
  payloadBytesMax,
  toHex,
} from '@lattice/model';
import { ByteWriter, encodeBundle } from '@lattice/proto';
import { story } from './bundles.js';
import { refJson } from './json.js';
import {
  alice,
  bob,
  bundleOf,
  carol,
  filled,
  meshId,
  refOf,
  write,
  type Written,
  written,
} from './material.js';

/** What becomes of bytes that somebody sends as a bundle of the key-value store of these vectors. */
type Reason =
  /** They are no bundle. */
  | 'malformed'
  | 'bad-signature'
  /** Thin, and what it leaves out is not to be found here, or is something else: it is asked for in full. */
  | 'needs-full'
  /** Authentic, and yet no bundle of this store. */
  | 'refused'
  /** Authentic, and an ancestor is missing. */
  | 'pending';

interface Broken {
  readonly reason: Reason;
  readonly bytes: Uint8Array;
  /** What is in the DAG of whoever receives it. */
  readonly lookUps?: readonly EntryRef[];
}

const { a1, a2, a3, fork, b1, b2, c1 } = story;
const evenMore = 16;

/** A full bundle of one chain of Alice's, whose entry is laid out by hand; its signature is never looked at. */
function byHand(entry: (writer: ByteWriter) => ByteWriter, chains = 1): Uint8Array {
  const writer = new ByteWriter().u8(1).varint(chains);
  for (let i = 0; i < chains; i++) chainHead(writer);
  return entry(writer.varint(0).varint(1).varint(0)).finish();
}

function chainHead(writer: ByteWriter, firstSeq = 1): ByteWriter {
  return writer.raw(alice.nodeId).varint(firstSeq).raw(a1.entry.prev).raw(filled(0, 64));
}

/** Of an entry by hand: its hlc's delta, and what comes behind it. */
function withDeps(count: number, ...deps: readonly ((writer: ByteWriter) => ByteWriter)[]) {
  return (writer: ByteWriter): ByteWriter => {
    writer.varint(0).varint(2 * count);
    for (const lay of deps) lay(writer);
    return writer.varint(0);
  };
}

/** On the bundle's own author, by number 0. */
function dep(seq: number, hash: number) {
  return (writer: ByteWriter): ByteWriter => writer.varint(1).varint(seq).raw(filled(hash));
}

function signedBy(bundle: Bundle, signature: Uint8Array): Uint8Array {
  const [chain, ...others] = bundle.chains;
  return encodeBundle(
    { ...bundle, chains: [{ ...chain, signature }, ...others] as Bundle['chains'] },
    'full',
  );
}

const one = encodeBundle(bundleOf(a1), 'full');
const two = bundleOf(a1, a2);
const zeroVarint = Uint8Array.of(0x80, 0x00);

const malformed: Record<string, Uint8Array> = {
  'no bytes': new Uint8Array(0),
  'a form that is not known': concatBytes(Uint8Array.of(3), one.subarray(1)),
  'no chain': new ByteWriter().u8(1).varint(0).varint(0).varint(0).finish(),
  'more chains than entries may be': new ByteWriter()
    .u8(1)
    .varint(bundleEntriesMax + 1)
    .finish(),
  'a seq of zero': chainHead(new ByteWriter().u8(1).varint(1), 0).varint(0).varint(1).raw(filled(0)).finish(),
  'a seq of 2^53': concatBytes(
    one.subarray(0, 34),
    Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10),
    one.subarray(35),
  ),
  'a chain that passes 2^53': chainHead(new ByteWriter().u8(1).varint(1), Number.MAX_SAFE_INTEGER)
    .varint(0)
    .varint(2)
    .raw(new Uint8Array(8))
    .finish(),
  'a varint that is longer than it needs to be': concatBytes(
    one.subarray(0, 131),
    zeroVarint,
    one.subarray(132),
  ),
  'an hlc that is longer than it needs to be': byHand((entry) => entry.raw(zeroVarint).varint(0).varint(0)),
  'a chain without an entry': byHand(withDeps(0), 2),
  'no entry': chainHead(new ByteWriter().u8(1).varint(1)).varint(0).varint(0).finish(),
  'more entries than may be': chainHead(new ByteWriter().u8(1).varint(1))
    .varint(0)
    .varint(bundleEntriesMax + 1)
    .finish(),
  'more authors than bytes': chainHead(new ByteWriter().u8(1).varint(1))
    .varint(evenMore)
    .raw(filled(1))
    .finish(),
  'an entry of a chain that is not there': chainHead(new ByteWriter().u8(1).varint(1))
    .varint(0)
    .raw(Uint8Array.of(1, 1, 0, 0, 0))
    .finish(),
  'an hlc below zero': byHand((entry) => entry.varint(1).varint(0).varint(0)),
  'an hlc of 2^63': byHand((entry) =>
    entry
      .raw(Uint8Array.of(...filled(0x80, 9), 0x02))
      .varint(0)
      .varint(0),
  ),
  'an hlc of more than ten bytes': byHand((entry) =>
    entry
      .raw(Uint8Array.of(...filled(0x80, 10), 0x01))
      .varint(0)
      .varint(0),
  ),
  'more deps than may be': byHand(withDeps(65, ...Array.from({ length: 65 }, (_, i) => dep(i + 1, 0)))),
  'deps that are not sorted by seq': byHand(withDeps(2, dep(2, 0), dep(1, 0))),
  'deps that are not sorted by hash': byHand(withDeps(2, dep(1, 1), dep(1, 0))),
  'the same dep twice': byHand(withDeps(2, dep(1, 0), dep(1, 0))),
  'a dep on seq zero': byHand(withDeps(1, dep(0, 0))),
  'a dep by an author that is not there': byHand(
    withDeps(1, (entry) => entry.varint(3).varint(1).raw(filled(0))),
  ),
  'a dep on what comes before the bundle': byHand(withDeps(1, (entry) => entry.varint(0))),
  'a payload that is too long': byHand((entry) =>
    entry
      .varint(0)
      .varint(0)
      .varint(payloadBytesMax + 1),
  ),
  'a byte too few': one.subarray(0, -1),
  'a byte too many': concatBytes(one, Uint8Array.of(0)),
};

const badlySigned: Record<string, Uint8Array> = {
  'one bit of a signature': signedBy(
    bundleOf(a1),
    bundleOf(a1).chains.map(({ signature }) => signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte)))[0] ??
      new Uint8Array(64),
  ),
  "another author's signature": signedBy(bundleOf(a1), sign(bob, 'chain', a1.hash)),
  'a signature over an entry that is not the last': signedBy(two, sign(alice, 'chain', a1.hash)),
  'a signature in another domain': signedBy(bundleOf(a1), sign(alice, 'invite', a1.hash)),
  'a signature without a domain': signedBy(bundleOf(a1), signRaw(alice.secretKey, a1.hash)),
  'one bit of a payload': concatBytes(one.subarray(0, -1), Uint8Array.of((one.at(-1) ?? 0) ^ 1)),
};

const asThin = (...entries: readonly Written[]): Uint8Array => encodeBundle(bundleOf(...entries), 'thin');
const merged = write(carol, { deps: [a2, fork] });

const thin: Record<string, Broken> = {
  'thin, and what it leaves out is not here': { reason: 'needs-full', bytes: asThin(b1) },
  'thin, and here is another branch': {
    reason: 'needs-full',
    bytes: asThin(b2),
    lookUps: [refOf(fork), refOf(b1)],
  },
  'thin, and here are both branches': {
    reason: 'needs-full',
    bytes: asThin(b2),
    lookUps: [refOf(fork), refOf(a2), refOf(b1)],
  },
  'thin, naming both branches of a fork of which one is here': {
    reason: 'needs-full',
    bytes: asThin(merged),
    lookUps: [refOf(a2)],
  },
  'thin, with a wrong signature': {
    reason: 'needs-full',
    bytes: asThin(a1).map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
  },
  'thin, and no bundle at all': { reason: 'malformed', bytes: asThin(a1).subarray(0, -1) },
};

const elsewhere = written(alice, { ...a1.entry, prev: meshId });
const wrongSeq = write(bob, { deps: [{ author: alice.nodeId, seq: 2, hash: a1.hash }] });

const misplaced: Record<string, Broken> = {
  'the beginning of a chain of another store': {
    reason: 'refused',
    bytes: encodeBundle(bundleOf(elsewhere), 'full'),
  },
  'the same entry twice': { reason: 'refused', bytes: twice() },
  'a chain whose beginning is missing': { reason: 'pending', bytes: encodeBundle(bundleOf(a3), 'full') },
  'a dep that is missing': { reason: 'pending', bytes: encodeBundle(bundleOf(b1), 'full') },
  'a dep that comes after the entry that names it': {
    reason: 'pending',
    bytes: encodeBundle(bundleOf(b1, a1), 'full'),
  },
  'a dep that has another seq': { reason: 'pending', bytes: encodeBundle(bundleOf(wrongSeq), 'full') },
};

function twice(): Uint8Array {
  const bundle = bundleOf(c1);
  return encodeBundle(
    {
      chains: [...bundle.chains, ...bundle.chains],
      chainOf: [0, 1],
      entries: [...bundle.entries, ...bundle.entries],
      hashes: [...bundle.hashes, ...bundle.hashes],
    },
    'full',
  );
}

export function brokenBundleVectors() {
  const as = (reason: Reason, named: Record<string, Uint8Array>): [string, Broken][] =>
    Object.entries(named).map(([name, bytes]) => [name, { reason, bytes }]);
  const all = [
    ...as('malformed', malformed),
    ...as('bad-signature', badlySigned),
    ...Object.entries(thin),
    ...Object.entries(misplaced),
  ];
  return {
    store: toHex(a1.entry.prev),
    bundles: all.map(([name, { reason, bytes, lookUps = [] }]) => ({
      name,
      reason,
      lookUps: lookUps.map(refJson),
      bytes: toHex(bytes),
    })),
  };
}
