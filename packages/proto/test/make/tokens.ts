import { toHex } from '@lattice/model';
import { encodeToken, type Token } from '@lattice/meshstore';
import { plain } from './json.js';
import { alice, bob, counting, meshId } from './material.js';

const secret = counting(32, 0x40);
const expiryMs = 1_700_086_500_000;

const tokens: Record<string, Token> = {
  'nobody to ask': { mesh: meshId, secret, expiryMs, members: [] },
  'one member on the local network': {
    mesh: meshId,
    secret,
    expiryMs,
    members: [{ nodeId: alice.nodeId, direct: ['192.168.1.5:4433', '[2001:db8::1]:4433', '[::1]:1'] }],
  },
  'two members, with a relay and addresses of other forms': {
    mesh: meshId,
    secret,
    expiryMs,
    members: [
      {
        nodeId: alice.nodeId,
        direct: ['[2001:DB8::1]:4433', '192.168.001.5:4433'],
        relay: 'https://relay.example/',
      },
      { nodeId: bob.nodeId, direct: [] },
    ],
  },
};

export function tokenVectors() {
  const text = encodeToken(tokens['one member on the local network'] as Token);
  const swap = (at: number) => text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1);
  const invalid: Record<string, readonly [code: string, text: string]> = {
    'another word': ['token-invalid', 'latice1aaaa'],
    'no text': ['token-invalid', ''],
    'a later format': ['token-version', `lattice2${text.slice(8)}`],
    'a character too few': ['token-truncated', text.slice(0, -2)],
    'the first half': ['token-truncated', text.slice(0, text.length / 2)],
    'a character too many': ['token-altered', `${text}a`],
    'another character': ['token-altered', swap(60)],
    'a character that base32 does not have': ['token-altered', `${text.slice(0, -1)}1`],
  };
  return {
    valid: Object.entries(tokens).map(([name, token]) => ({
      name,
      ...(plain(token) as object),
      text: encodeToken(token),
    })),
    alsoRead: [
      { name: 'in capitals', text: text.toUpperCase(), as: text },
      { name: 'with line breaks', text: ` ${text.match(/.{1,40}/g)?.join('\n') ?? ''}\n`, as: text },
    ],
    invalid: Object.entries(invalid).map(([name, [code, one]]) => ({ name, code, text: one })),
    secret: toHex(secret),
  };
}
