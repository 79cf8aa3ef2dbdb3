import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Bundle,
  bundleBytesMax,
  bundleEntriesMax,
  type Entry,
  type EntryRef,
  type Hash,
  hlcZero,
  type NodeId,
  payloadBytesMax,
  type Signature,
  toHex,
} from '@lattice/model';
import {
  type BundleForm,
  canonicalEntryLength,
  type DecodedBundle,
  decodeBundle,
  encodeBundle,
  MalformedError,
  payloadInBundle,
} from '@lattice/proto';
import fc from 'fast-check';
import { bundle, hashOf, mutation } from './arbitraries.js';
import { bundleJson } from './make/json.js';
import { type LookUp, readBundle } from './naive/bundle.js';

/** As many random cases as there is time for. */
const timesLong = process.env['LATTICE_LONG'] === '1' ? 50 : 1;
const nothing: LookUp = () => undefined;

test('a full bundle is read back as it was, with nothing to look up', () => {
  fc.assert(
    fc.property(bundle, (one) => {
      assert.deepEqual(decode(encodeBundle(one, 'full'), nothing), {
        kind: 'bundle',
        form: 'full',
        bundle: one,
      });
    }),
  );
});

test('a payload is found in a full bundle without the rest being read', () => {
  fc.assert(
    fc.property(bundle, (one) => {
      const bytes = encodeBundle(one, 'full');
      for (const [index, { payload }] of one.entries.entries())
        assert.deepEqual(payloadInBundle(bytes, index), payload);
      assert.throws(() => payloadInBundle(bytes, one.entries.length));
    }),
  );
});

test('a thin bundle is completed by look-up', () => {
  fc.assert(
    fc.property(bundle, (one) => {
      const lookUp = lookUpOf(one);
      const decoded = decode(encodeBundle(one, 'thin'), lookUp);
      if (leftOut(one).every(({ author, seq }) => lookUp(toHex(author), seq))) {
        assert.deepEqual(decoded, { kind: 'bundle', form: 'thin', bundle: one });
      } else assert.equal(decoded.kind, 'unresolved');
    }),
  );
});

test('a thin bundle asks for what is not to be found', () => {
  fc.assert(
    fc.property(bundle, (one) => {
      const [first] = leftOut(one);
      const decoded = decode(encodeBundle(one, 'thin'), nothing);
      if (first) assert.deepEqual(decoded, { kind: 'unresolved', author: first.author, seq: first.seq });
      else assert.equal(decoded.kind, 'bundle');
    }),
  );
});

test('a thin bundle is never malformed for what was looked up wrongly', () => {
  fc.assert(
    fc.property(bundle, fc.nat(1), (one, byte) => {
      const decoded = decode(encodeBundle(one, 'thin'), () => toHex(new Uint8Array(32).fill(byte)));
      assert.ok(decoded.kind === 'bundle' || decoded.kind === 'unresolved');
    }),
  );
});

test('a thin bundle is never longer than a full one', () => {
  fc.assert(
    fc.property(bundle, (one) => {
      const saved = encodeBundle(one, 'full').length - encodeBundle(one, 'thin').length;
      assert.equal(saved, 32 * leftOut(one).length);
    }),
  );
});

test('every truncation of a bundle is malformed, and so is a byte more', () => {
  fc.assert(
    fc.property(bundle, fc.constantFrom<BundleForm>('full', 'thin'), (one, form) => {
      const bytes = encodeBundle(one, form);
      const lookUp: LookUp = () => '00'.repeat(32);
      for (let length = 0; length < bytes.length; length++) {
        assertMalformedOrUnresolved(bytes.subarray(0, length), form, lookUp);
      }
      assertMalformedOrUnresolved(Uint8Array.from([...bytes, 0]), form, lookUp);
    }),
    { numRuns: 8 * timesLong },
  );
});

test('whatever bytes are changed: malformed, or read as a plain reading of the protocol reads it', () => {
  fc.assert(
    fc.property(bundle, fc.constantFrom<BundleForm>('full', 'thin'), mutation, (one, form, mutate) => {
      assertReadAlike(mutate(encodeBundle(one, form)), lookUpOf(one));
    }),
    { numRuns: 400 * timesLong },
  );
});

test('random bytes are malformed, or read as a plain reading of the protocol reads them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(3), (bytes, form) => {
      assertReadAlike(Uint8Array.from([form, ...bytes]), nothing);
    }),
    { numRuns: 500 * timesLong },
  );
});

test('one entry may have a payload of 1 MiB; several have 1 MiB together', () => {
  const author = new Uint8Array(32) as NodeId;
  const greatest = chainOf(author, [payloadBytesMax]);
  assert.equal(decode(encodeBundle(greatest, 'full'), nothing).kind, 'bundle');

  const half = bundleBytesMax / 2 - 86;
  const full = chainOf(author, [half, half]);
  assert.equal(
    full.entries.reduce((sum, entry) => sum + canonicalEntryLength(entry), 0),
    bundleBytesMax,
  );
  assert.equal(decode(encodeBundle(full, 'full'), nothing).kind, 'bundle');
  for (const lengths of [
    [half, half + 1],
    [payloadBytesMax, 0],
    [0, payloadBytesMax],
  ]) {
    assert.throws(() => decode(encodeBundle(chainOf(author, lengths), 'full'), nothing), MalformedError);
  }
});

test('a bundle may have 1,024 entries, in one chain or in as many', () => {
  const author = new Uint8Array(32) as NodeId;
  const lengths = Array.from({ length: bundleEntriesMax }, () => 1);
  const long = chainOf(author, lengths);
  assert.deepEqual(decode(encodeBundle(long, 'full'), nothing), {
    kind: 'bundle',
    form: 'full',
    bundle: long,
  });

  const parts = lengths.map((_, i) => chainOf(Uint8Array.from({ length: 32 }, () => i % 251) as NodeId, [i]));
  const wide: Bundle = {
    chains: parts.flatMap(({ chains }) => chains),
    chainOf: parts.map((_, i) => i),
    entries: parts.flatMap(({ entries }) => entries),
    hashes: parts.flatMap(({ hashes }) => hashes),
  };
  assert.deepEqual(decode(encodeBundle(wide, 'full'), nothing), {
    kind: 'bundle',
    form: 'full',
    bundle: wide,
  });

  const tooLong = chainOf(author, [...lengths, 1]);
  assert.throws(() => decode(encodeBundle(tooLong, 'full'), nothing), MalformedError);
});

function decode(bytes: Uint8Array, lookUp: LookUp): DecodedBundle {
  return decodeBundle(bytes, {
    hashEntry: hashOf,
    lookUp: (author, seq) => {
      const found = lookUp(toHex(author), seq);
      return found === undefined ? undefined : (Uint8Array.from(Buffer.from(found, 'hex')) as Hash);
    },
  });
}

function assertReadAlike(bytes: Uint8Array, lookUp: LookUp): void {
  let decoded: DecodedBundle | undefined;
  try {
    decoded = decode(bytes, lookUp);
  } catch (error) {
    assert.ok(error instanceof MalformedError, String(error));
  }
  if (!decoded) assert.throws(() => readBundle(bytes, lookUp), Error, 'malformed, and read all the same');
  else if (decoded.kind === 'unresolved') assert.equal(readBundle(bytes, lookUp), undefined);
  else assert.deepEqual(readBundle(bytes, lookUp), bundleJson(decoded.bundle));
}

function assertMalformedOrUnresolved(bytes: Uint8Array, form: BundleForm, lookUp: LookUp): void {
  try {
    const { kind } = decode(bytes, lookUp);
    assert.ok(form === 'thin' && kind === 'unresolved');
  } catch (error) {
    assert.ok(error instanceof MalformedError, String(error));
  }
}

/** In the order of the bytes: the refs whose hashes a thin bundle leaves out. */
function leftOut({ entries, hashes }: Bundle): readonly EntryRef[] {
  return entries.flatMap(({ deps }, index) => {
    const earlier = new Set(hashes.slice(0, index).map(toHex));
    return deps.filter(({ hash }) => !earlier.has(toHex(hash)));
  });
}

/** As a DAG answers that has what the bundle leaves out: not where there are several of one author and seq. */
function lookUpOf(one: Bundle): LookUp {
  const found = new Map<string, Set<string>>();
  for (const { author, seq, hash } of leftOut(one)) {
    const key = `${toHex(author)}/${seq}`;
    found.set(key, (found.get(key) ?? new Set()).add(toHex(hash)));
  }
  return (author, seq) => {
    const hashes = found.get(`${author}/${seq}`);
    return hashes?.size === 1 ? [...hashes][0] : undefined;
  };
}

/** A chain of entries with payloads of these lengths. */
function chainOf(author: NodeId, lengths: readonly number[]): Bundle {
  const entries: Entry[] = [];
  const hashes: Hash[] = [];
  const firstPrev = new Uint8Array(32).fill(1) as Hash;
  for (const [i, length] of lengths.entries()) {
    const prev = hashes.at(-1) ?? firstPrev;
    entries.push({
      author,
      seq: i + 1,
      prev,
      hlc: hlcZero,
      deps: [],
      payload: new Uint8Array(length),
    });
    hashes.push(hashOf(entries.at(-1) as Entry));
  }
  const signature = new Uint8Array(64) as Signature;
  return {
    chains: [{ author, firstSeq: 1, firstPrev, signature }],
    chainOf: lengths.map(() => 0),
    entries,
    hashes,
  };
}
