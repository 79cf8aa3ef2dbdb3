import assert from 'node:assert/strict';
import {
  parseRecordLine,
  quoted,
  readLines,
  recordLine,
  splitLine,
  textOf,
  wordOf,
} from '@lattice/cli/testing';
import { blake3 } from '@lattice/crypto';
import { kvHandle, kvMachine } from '@lattice/kvstore';
import { encodeToken, parseToken } from '@lattice/meshstore';
import { concatBytes, fromHex, type StoreId, toHex, utf8 } from '@lattice/model';
import { ReplicaRig } from '@lattice/testkit';
import { type FuzzTarget, type Outcome, refusedAs } from '../target.js';
import { vectors } from '../vectors.js';

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
const tokens = vectors('tokens').map(({ text = '' }) => text);

/** What people type, paste and pipe in. */
export const textTargets: readonly FuzzTarget[] = [
  { name: 'token', samples: tokens.map(utf8), decode: (bytes) => readToken(wordOf(bytes)) },
  { name: 'token with a checksum that fits', samples: tokens.map(tokenBody), decode: readSealedToken },
  {
    name: 'line of the shell',
    samples: [
      `put "a key" 'a value' # why`,
      String.raw`get "\u{1f600}\x80\n" back\slash`,
      'a\\\nb "c\\\nd" --help "--literal" \'\'',
    ].map(utf8),
    decode: readShellLine,
  },
  {
    name: 'line of NDJSON',
    samples: ['{"key":"k","value":"v"}', '{"key":{"base64":"AQID"},"value":"\\u00e9\\n"}'].map(utf8),
    decode: readRecord,
  },
  {
    name: 'NDJSON',
    samples: ['{"key":"k","value":"v"}\n\r\n{"key":1}\n', '\ufeff{}\n \n\n[]'].map(utf8),
    share: 0.5,
    decode: readAllLines,
  },
];

const tokenErrors = ['token-invalid', 'token-version', 'token-truncated', 'token-altered'];

/** Its text is not canonical: an address may be spelled out that could be packed. */
function readToken(text: string): Outcome {
  try {
    const token = parseToken(text);
    assert.deepEqual(parseToken(encodeToken(token)), token);
    return 'accepted';
  } catch (error) {
    return refusedAs(error, ...tokenErrors);
  }
}

/** As an adversary makes one: the checksum is no secret. */
function readSealedToken(body: Uint8Array): Outcome {
  return readToken(`lattice1${toBase32(concatBytes(body, blake3('token', body).subarray(0, 4)))}`);
}

function tokenBody(text: string): Uint8Array {
  return fromBase32(text.slice('lattice1'.length)).slice(0, -4);
}

function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => base32.charAt(Number.parseInt(group.padEnd(5, '0'), 2))).join('');
}

function fromBase32(text: string): Uint8Array {
  const bits = Array.from(text, (digit) => base32.indexOf(digit).toString(2).padStart(5, '0')).join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** What it takes for words is read as the same words when they are written out. */
function readShellLine(bytes: Uint8Array): Outcome {
  try {
    const words = splitLine(wordOf(bytes)).map(textOf);
    assert.deepEqual(splitLine(words.map(quoted).join(' ')).map(textOf), words);
    return 'accepted';
  } catch (error) {
    return refusedAs(error, 'usage');
  }
}

function readRecord(bytes: Uint8Array): Outcome {
  const parsed = parseRecordLine(bytes);
  if ('problem' in parsed) {
    assert.notEqual(parsed.problem, '');
    return 'refused';
  }
  const again = parseRecordLine(utf8(recordLine(parsed.record)));
  assert.ok('record' in again);
  assert.deepEqual(toHex(again.record.key), toHex(parsed.record.key));
  assert.deepEqual(toHex(again.record.value), toHex(parsed.record.value));
  return 'accepted';
}

async function readAllLines(bytes: Uint8Array): Promise<Outcome> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  }
  let last = 0;
  for await (const lines of readLines(chunks())) {
    for (const { number, bytes: line } of lines) {
      assert.ok(number > last && !line.includes(0x0a));
      last = number;
    }
  }
  return 'accepted';
}

/** A cursor of a watch goes to the store's state itself, which it must not lead astray. */
export async function cursorTargets(): Promise<readonly FuzzTarget[]> {
  const genesis = {
    kind: 'store',
    type: 'kv',
    mesh: new Uint8Array(32) as Uint8Array as StoreId,
    random: new Uint8Array(32),
  } as const;
  const rig = await ReplicaRig.open({ genesis, machine: kvMachine });
  const kv = kvHandle(rig.replica);
  for (let i = 0; i < 20; i++) await kv.put(utf8(`key ${i % 7}`), utf8(`value ${i}`));
  const watch = async (since: string | undefined) => {
    const ended = new AbortController();
    for await (const page of kv.watch({ ...(since === undefined ? {} : { since }), signal: ended.signal })) {
      ended.abort();
      return page;
    }
    throw new Error('a watch says at once where it begins');
  };
  const sample = (await watch(undefined)).cursor;
  const listing = listingCursor(sample);

  const read = async (text: string): Promise<Outcome> => {
    try {
      const { cursor } = await watch(text);
      await watch(cursor);
      return 'accepted';
    } catch (error) {
      return refusedAs(error, 'cursor-invalid', 'cursor-foreign');
    }
  };
  return [
    {
      name: 'cursor',
      samples: [sample, listing].map(utf8),
      share: 0.5,
      decode: (bytes) => read(wordOf(bytes)),
    },
    {
      name: 'cursor with a checksum that fits',
      samples: [sample, listing].map((text) => fromHex(text).slice(0, -4)),
      share: 0.5,
      decode: (body) => read(sealedCursor(body)),
    },
  ];
}

/** One that stands in the middle of telling all keys: kind 2, and a key where the other kind has a number. */
function listingCursor(following: string): string {
  const body = fromHex(following).slice(0, -5);
  body[0] = 2;
  return sealedCursor(concatBytes(body, utf8('key 3')));
}

/** FNV-1a. */
function sealedCursor(body: Uint8Array): string {
  let hash = 0x811c_9dc5;
  for (const byte of body) hash = Math.imul(hash ^ byte, 0x0100_0193);
  const checksum = new Uint8Array(4);
  new DataView(checksum.buffer).setUint32(0, hash >>> 0);
  return toHex(concatBytes(body, checksum));
}
