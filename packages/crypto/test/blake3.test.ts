import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { blake3, domains, domainTag } from '@lattice/crypto';
import { concatBytes, toHex, utf8 } from '@lattice/model';
import { countingBytes, othersVectors, withoutVectors } from './vectors.js';

interface Hasher {
  init(): Hasher;
  update(bytes: Uint8Array): Hasher;
  digest(): string;
}

interface Blake3Vectors {
  readonly key: string;
  readonly cases: readonly {
    readonly input_len: string;
    readonly hash: string;
    readonly keyed_hash: string;
  }[];
}

// The very build that the package loads, and in the same way.
const { createBLAKE3 } = createRequire(import.meta.url)('hash-wasm/dist/blake3.umd.min.js') as {
  readonly createBLAKE3: (bits?: number, key?: Uint8Array) => Promise<Hasher>;
};

test(
  'the library underneath hashes as the official vectors say, with and without a key',
  withoutVectors,
  async () => {
    const { key, cases } = othersVectors('blake3.json') as Blake3Vectors;
    const plain = await createBLAKE3(256);
    const keyed = await createBLAKE3(256, utf8(key));
    for (const { input_len: length, hash, keyed_hash: keyedHash } of cases) {
      const input = countingBytes(Number(length));
      assert.equal(plain.init().update(input).digest(), hash.slice(0, 64), `hash of ${length} bytes`);
      assert.equal(
        keyed.init().update(input).digest(),
        keyedHash.slice(0, 64),
        `keyed hash of ${length} bytes`,
      );
    }
    assert.equal(cases.length, 35);
  },
);

test("a domain's hash is keyed BLAKE3 under the domain's tag", async () => {
  for (const domain of domains) {
    const keyed = await createBLAKE3(256, domainTag(domain));
    for (const length of [0, 1, 63, 64, 65, 1_023, 1_024, 1_025, 102_400]) {
      const input = countingBytes(length);
      assert.equal(
        toHex(blake3(domain, input)),
        keyed.init().update(input).digest(),
        `${domain}, ${length} bytes`,
      );
    }
  }
});

test('a tag is "lattice/1 " and the name of the domain, padded with zeros to 32 bytes', () => {
  for (const domain of domains) {
    const padded = `lattice/1 ${domain}`.padEnd(32, '\0');
    assert.equal(Buffer.from(domainTag(domain)).toString('latin1'), padded);
  }
});

test('no two domains give the same hash', () => {
  const hashes = domains.map((domain) => toHex(blake3(domain, utf8('the same'))));
  assert.equal(new Set(hashes).size, domains.length);
});

test('parts are hashed as their concatenation', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 5 }), (parts) => {
      assert.deepEqual(blake3('entry', ...parts), blake3('entry', concatBytes(...parts)));
    }),
  );
});

test('a hash stays what it was when the next one is made', () => {
  const first = blake3('entry', utf8('first'));
  const asText = toHex(first);
  blake3('entry', utf8('second'));
  assert.equal(toHex(first), asText);
});
