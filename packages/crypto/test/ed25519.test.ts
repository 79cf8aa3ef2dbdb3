import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { domains, domainTag, keyPairFromSeed, sign, signRaw, verify, verifyRaw } from '@lattice/crypto';
import { concatBytes, fromHex, type Signature, toHex } from '@lattice/model';
import { othersVectors, ownVectors, withoutVectors } from './vectors.js';

interface Rfc8032Vectors {
  readonly cases: readonly {
    readonly name: string;
    readonly seed: string;
    readonly publicKey: string;
    readonly message: string;
    readonly signature: string;
  }[];
}

interface SpeccheckCase {
  readonly message: string;
  readonly pub_key: string;
  readonly signature: string;
}

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const messages = fc.uint8Array({ maxLength: 300 });

/** The order of the base point: 2^252 + 27742317777372353535851937790883648493. */
const groupOrder = (1n << 252n) + 27742317777372353535851937790883648493n;

/** Every encoding, canonical or not, of a point whose order divides 8. */
const smallOrderPoints = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
].map(fromHex);

test('keys and signatures are those of RFC 8032', () => {
  const { cases } = ownVectors('rfc8032.json') as Rfc8032Vectors;
  for (const { name, seed, publicKey, message, signature } of cases) {
    const key = keyPairFromSeed(fromHex(seed));
    assert.equal(toHex(key.nodeId), publicKey, name);
    assert.equal(toHex(signRaw(key.secretKey, fromHex(message))), signature, name);
    assert.equal(verifyRaw(key.nodeId, fromHex(message), fromHex(signature)), true, name);
  }
  assert.equal(cases.length, 5);
});

test(
  'of the edge cases on which libraries differ, the strict rule accepts the third alone',
  withoutVectors,
  () => {
    const cases = othersVectors('ed25519-speccheck.json') as readonly SpeccheckCase[];
    const accepted = cases.map(({ message, pub_key: key, signature }) =>
      verifyRaw(fromHex(key), fromHex(message), fromHex(signature)),
    );
    assert.deepEqual(
      accepted,
      Array.from({ length: 12 }, (_, index) => index === 3),
    );
  },
);

test('a key of small order signs nothing, in any encoding', () => {
  // With R the neutral element and S zero, S·B = R + h·A holds whenever A's order divides h: half of these at least.
  const signature = concatBytes(smallOrderPoints[0] as Uint8Array, new Uint8Array(32));
  for (const key of smallOrderPoints) {
    for (let message = 0; message < 64; message++) {
      assert.equal(verifyRaw(key, Uint8Array.of(message), signature), false, toHex(key));
    }
  }
});

test('S is below the order of the group: the same signature has no second form', () => {
  fc.assert(
    fc.property(seeds, messages, (seed, message) => {
      const key = keyPairFromSeed(seed);
      const signature = signRaw(key.secretKey, message);
      const s = fromLittleEndian(signature.subarray(32)) + groupOrder;
      const second = concatBytes(signature.subarray(0, 32), toLittleEndian(s));
      assert.equal(verifyRaw(key.nodeId, message, second), false);
    }),
  );
});

test('one changed bit anywhere, and a signature does not verify', () => {
  fc.assert(
    fc.property(seeds, messages, fc.nat(96 * 8 - 1), (seed, message, bit) => {
      const key = keyPairFromSeed(seed);
      const whole = concatBytes(key.nodeId, sign(key, 'chain', message));
      whole[bit >> 3] = (whole[bit >> 3] as number) ^ (1 << (bit & 7));
      const [nodeId, signature] = [whole.subarray(0, 32), whole.subarray(32)];
      assert.equal(verifyRaw(nodeId, concatBytes(domainTag('chain'), message), signature), false);
    }),
  );
});

test("a signature is over the domain's tag and the message, and counts in no other domain", () => {
  fc.assert(
    fc.property(seeds, messages, fc.constantFrom(...domains), (seed, message, domain) => {
      const key = keyPairFromSeed(seed);
      const signature = sign(key, domain, message);
      assert.equal(verifyRaw(key.nodeId, concatBytes(domainTag(domain), message), signature), true);
      assert.equal(verifyRaw(key.nodeId, message, signature), false);
      for (const other of domains) {
        assert.equal(verify(key.nodeId, other, message, signature), other === domain);
      }
    }),
    { numRuns: 20 },
  );
});

test('what has the wrong length does not verify, and throws nothing', () => {
  const key = keyPairFromSeed(new Uint8Array(32).fill(7));
  const signature = sign(key, 'chain', new Uint8Array(0));
  for (const length of [0, 31, 33])
    assert.equal(verifyRaw(new Uint8Array(length), new Uint8Array(0), signature), false);
  for (const length of [0, 63, 65]) {
    assert.equal(verify(key.nodeId, 'chain', new Uint8Array(0), new Uint8Array(length) as Signature), false);
  }
});

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.slice().reverse())}`);
}

function toLittleEndian(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')).reverse();
}
