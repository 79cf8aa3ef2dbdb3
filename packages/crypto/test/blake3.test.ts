import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { blake3, domains, domainTag } from '@lattice/crypto';
import { loadNativeBlake3, wasmBlake3 } from '@lattice/crypto/testing';
import { concatBytes, toHex, utf8 } from '@lattice/model';
import { countingBytes, othersVectors, withoutVectors } from './vectors.js';

interface Hasher {
  init(): Hasher;
  update(bytes: Uint8Array): Hasher;
  digest(): string;
}

interface NativeBlakeHash {
  readonly Blake3Hasher: {
    newKeyed(key: Uint8Array): {
      reset(): void;
      update(bytes: Uint8Array): void;
      digestBuffer(): Uint8Array;
    };
  };
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

test('so does the native one, with a key', withoutVectors, async (context) => {
  if (!(await loadNativeBlake3())) return context.skip('no binary of @napi-rs/blake-hash is installed here');
  const { key, cases } = othersVectors('blake3.json') as Blake3Vectors;
  const { Blake3Hasher } = createRequire(import.meta.url)('@napi-rs/blake-hash') as NativeBlakeHash;
  // One for all, as the package does it: beginning anew keeps the key.
  const keyed = Blake3Hasher.newKeyed(utf8(key));
  for (const { input_len: length, keyed_hash: keyedHash } of cases) {
    keyed.reset();
    keyed.update(countingBytes(Number(length)));
    assert.equal(toHex(keyed.digestBuffer()), keyedHash.slice(0, 64), `keyed hash of ${length} bytes`);
  }
});

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

test('native code, where there is some, hashes as WebAssembly does', async (context) => {
  const native = await loadNativeBlake3();
  if (!native) return context.skip('no binary of @napi-rs/blake-hash is installed here');
  for (const domain of domains) {
    for (const length of [0, 1, 63, 64, 65, 1_023, 1_024, 1_025, 8_191, 8_192, 8_193, 102_400, 1_048_576]) {
      const input = countingBytes(length);
      // An odd beginning, and in two parts.
      const parts = [input.subarray(0, length % 7), input.subarray(length % 7)];
      const wanted = toHex(wasmBlake3(domain, [input]));
      assert.equal(toHex(native(domain, parts)), wanted, `${domain}, ${length} bytes`);
      assert.equal(toHex(blake3(domain, ...parts)), wanted, `${domain}, ${length} bytes`);
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
