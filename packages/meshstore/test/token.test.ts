import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blake3 } from '@lattice/crypto';
import { LatticeError, parseNodeId, parseStoreId, utf8 } from '@lattice/model';
import {
  addressBytesMax,
  encodeToken,
  parseToken,
  type Token,
  tokenAddressesMax,
  tokenExpired,
  tokenMembersMax,
} from '@lattice/meshstore';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const port = fc.nat(65_535);
const address = fc.oneof(
  fc.tuple(fc.ipV4(), port).map(([ip, at]) => `${ip}:${at}`),
  fc.tuple(fc.ipV6(), port).map(([ip, at]) => `[${ip}]:${at}`),
  fc.constantFrom(
    '[::]:1',
    '[::1]:4433',
    '[1::]:1',
    '[2001:db8::1]:4433',
    '[2001:db8:0:1:0:0:0:1]:1',
    '[1:0:0:2:0:0:3:4]:1',
    '[fe80::1%2]:1',
    '[::ffff:1.2.3.4]:1',
    '[0:0:0:0:0:0:0:0]:1',
    '01.2.3.4:5',
    '1.2.3.4:70000',
    '256.1.1.1:1',
    '[:::]:1',
    '[1:2]:3',
    'https://relay.example/',
    'x'.repeat(addressBytesMax),
  ),
);
/** Ordinary objects, as the parser makes them. */
const plain = { noNullPrototype: true } as const;
const member = fc.record(
  {
    nodeId: bytes32.map(parseNodeId),
    direct: fc.array(address, { maxLength: tokenAddressesMax }),
    relay: fc.constantFrom('https://relay.example/', '1.2.3.4:5'),
  },
  { requiredKeys: ['nodeId', 'direct'], ...plain },
);
const token = fc.record(
  {
    mesh: bytes32.map(parseStoreId),
    secret: bytes32,
    expiryMs: fc.maxSafeNat(),
    members: fc.array(member, { maxLength: tokenMembersMax }),
  },
  plain,
);

const typical: Token = {
  mesh: parseStoreId(blake3('chain', utf8('mesh'))),
  secret: blake3('chain', utf8('secret')),
  expiryMs: 1_700_000_000_000,
  members: [
    {
      nodeId: parseNodeId(blake3('chain', utf8('node'))),
      direct: ['192.168.1.5:4433', '[2001:db8::5]:4433', '[fd00::1:5]:4433'],
    },
  ],
};

void test('a token says again what was put into it', () => {
  fc.assert(fc.property(token, (one) => assert.deepEqual(parseToken(encodeToken(one)), one)));
});

void test('it is one word of letters and digits, no longer than it has to be', () => {
  const text = encodeToken(typical);
  assert.match(text, /^lattice1[a-z2-7]+$/);
  assert.equal(text.length, 258);
});

void test('its text is what the protocol says, character for character', () => {
  assert.equal(
    encodeToken({ ...typical, members: [] }),
    'lattice1jm7xvqot6yudutney56lzhlkvfeqgkvlzf2buxjspraojnxc2ezhkca52ysol6nq7nzo2lqqnfr3tbhmfq4voutlf6a33gaonuq47bgfqdijl754geae3qdbt4',
  );
});

void test('line breaks, spaces and capitals that it caught on its way do no harm', () => {
  const text = encodeToken(typical);
  const wrapped = text.replaceAll(/(.{40})/g, '$1\r\n  ');
  for (const same of [` ${text}\n`, wrapped, text.toUpperCase(), `\t${text.slice(0, 3)} ${text.slice(3)}`]) {
    assert.deepEqual(parseToken(same), typical);
  }
});

void test('every change of a single character is caught', () => {
  const text = encodeToken(typical);
  for (let place = 0; place < text.length; place++) {
    for (const character of 'abcdefghijklmnopqrstuvwxyz0123456789-') {
      if (character === text[place]) continue;
      assertRefused(text.slice(0, place) + character + text.slice(place + 1));
    }
  }
});

void test('every character lost, doubled or swapped with the next is caught', () => {
  const text = encodeToken(typical);
  for (let place = 0; place < text.length; place++) {
    const [before, here, next, after] = [
      text.slice(0, place),
      text[place],
      text[place + 1] ?? '',
      text.slice(place + 2),
    ];
    assertRefused(before + next + after);
    assertRefused(before + here + here + next + after);
    if (next !== '' && here !== next) assertRefused(before + next + here + after);
  }
});

void test('a token cut short says so, however short', () => {
  const text = encodeToken(typical);
  for (let length = 'lattice1'.length; length < text.length; length++) {
    assert.throws(() => parseToken(text.slice(0, length)), hasCode('token-truncated'), String(length));
  }
});

void test('a wrong character, or more than there should be, is said to be an alteration', () => {
  const text = encodeToken(typical);
  for (const bad of [`${text}a`, `${text}aaaaaaaa`, `${text}0`, `${text.slice(0, 40)}b${text.slice(41)}`]) {
    assert.throws(() => parseToken(bad), hasCode('token-altered'), bad);
  }
});

void test('what is no token, and what a newer program made, are told apart', () => {
  for (const bad of ['', 'hello', 'lattice', 'lattice0abc', 'latticeabc', 'x'.repeat(200_000)]) {
    assert.throws(() => parseToken(bad), hasCode('token-invalid'), bad.slice(0, 20));
  }
  assert.throws(() => parseToken(encodeToken(typical).replace('1', '2')), hasCode('token-version'));
});

void test('any text at all gives a token or a typed error', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^lattice1[a-z2-7]{0,300}$/));
  fc.assert(
    fc.property(text, (any) => {
      try {
        parseToken(any);
      } catch (error) {
        assert(error instanceof LatticeError && error.code.startsWith('token-'), String(error));
      }
    }),
    { numRuns: 500 },
  );
});

void test('what is beyond the bounds is not made', () => {
  const [one] = typical.members;
  assert(one !== undefined);
  const withMember = (change: Partial<typeof one>): Token => ({
    ...typical,
    members: [{ ...one, ...change }],
  });
  for (const bad of [
    { ...typical, members: Array.from({ length: 9 }, () => one) },
    withMember({ direct: Array.from({ length: 9 }, () => '1.2.3.4:5') }),
    withMember({ direct: ['x'.repeat(257)] }),
    withMember({ direct: [''] }),
    withMember({ relay: 'a\nb' }),
    { ...typical, secret: new Uint8Array(31) },
  ]) {
    assert.throws(() => encodeToken(bad), /assertion failed/);
  }
});

void test('a token has expired when its last millisecond is over', () => {
  assert(!tokenExpired(typical, typical.expiryMs));
  assert(tokenExpired(typical, typical.expiryMs + 1));
});

function assertRefused(text: string): void {
  assert.throws(
    () => parseToken(text),
    (error: unknown) => error instanceof LatticeError && error.code.startsWith('token-'),
    text,
  );
}

function hasCode(code: string) {
  return (error: unknown): boolean => error instanceof LatticeError && error.code === code;
}
