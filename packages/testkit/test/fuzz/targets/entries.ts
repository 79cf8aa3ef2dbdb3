import assert from 'node:assert/strict';
import { hashEntry, verifyBundle } from '@lattice/kernel';
import type { Bundle } from '@lattice/model';
import {
  canonicalEntryBytes,
  canonicalEntryLength,
  decodeBundle,
  decodeGenesis,
  decodePayload,
  encodeBundle,
  encodeGenesis,
  encodePayload,
} from '@lattice/proto';
import { type FuzzTarget, type Outcome, refusedAsMalformed } from '../target.js';
import { vectorBytes } from '../vectors.js';

const bundles = vectorBytes('bundles', 'bytes', 'bundles');
const ids = new Map([0, 1].map((byte) => [byte, new Uint8Array(32).fill(byte)]));

/** What entries come in. Nothing decodes an entry alone: it is laid out anew from its fields. */
export const entryTargets: readonly FuzzTarget[] = [
  { name: 'bundle', samples: bundles, decode: readBundle },
  { name: 'bundle of a peer', samples: bundles, share: 0.5, decode: verifyAny },
  { name: 'genesis', samples: vectorBytes('genesis', 'bytes'), decode: readGenesis },
  {
    name: 'payload',
    samples: [...vectorBytes('payloads-kv', 'payload'), ...vectorBytes('payloads-mesh', 'payload')],
    decode: readPayload,
  },
];

function readBundle(bytes: Uint8Array): Outcome {
  try {
    const decoded = decode(bytes);
    if (decoded.kind === 'unresolved') {
      assert.equal(bytes[0], 2, 'a full bundle leaves nothing open');
      return 'refused';
    }
    assertInStep(decoded.bundle);
    const again = decode(encodeBundle(decoded.bundle, 'full'));
    assert.deepEqual(again, { ...decoded, form: 'full' });
    return 'accepted';
  } catch (error) {
    return refusedAsMalformed(error);
  }
}

/** With a look-up that knows every other seq, as if it were of two authors. */
function decode(bytes: Uint8Array): ReturnType<typeof decodeBundle> {
  const lookUp = (_: Uint8Array, seq: number) => ids.get(seq % 3) as ReturnType<typeof hashEntry> | undefined;
  return decodeBundle(bytes, { hashEntry, lookUp });
}

function assertInStep({ chains, chainOf, entries, hashes }: Bundle): void {
  assert.equal(entries.length, hashes.length);
  assert.equal(entries.length, chainOf.length);
  entries.forEach((entry, index) => {
    assert.deepEqual(hashEntry(entry), hashes[index]);
    assert.equal(canonicalEntryLength(entry), canonicalEntryBytes(entry).length);
    assert.deepEqual(entry.author, chains[chainOf[index] as number]?.author);
  });
}

function verifyAny(bytes: Uint8Array): Outcome {
  const { kind } = verifyBundle(bytes, () => undefined);
  assert.ok(['verified', 'needs-full', 'malformed', 'bad-signature'].includes(kind), kind);
  return kind === 'verified' ? 'accepted' : 'refused';
}

function readGenesis(bytes: Uint8Array): Outcome {
  try {
    assert.deepEqual(encodeGenesis(decodeGenesis(bytes)), bytes);
    return 'accepted';
  } catch (error) {
    return refusedAsMalformed(error);
  }
}

function readPayload(bytes: Uint8Array): Outcome {
  try {
    const { version, operations } = decodePayload(bytes);
    assert.deepEqual(encodePayload(version, [operations]), bytes);
    return 'accepted';
  } catch (error) {
    return refusedAsMalformed(error);
  }
}
