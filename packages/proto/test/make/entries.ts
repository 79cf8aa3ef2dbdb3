import {
  type EntryRef,
  type Hash,
  type Hlc,
  hlcLimit,
  hlcNext,
  hlcZero,
  parseHash,
  toHex,
} from '@lattice/model';
import { canonicalEntryBytes, encodePayload } from '@lattice/proto';
import { encodeKvOps } from '@lattice/kvstore';
import { utf8 } from '@lattice/model';
import { entryJson } from './json.js';
import {
  alice,
  bob,
  carol,
  counting,
  filled,
  evening,
  refOf,
  write,
  written,
  type Written,
} from './material.js';

export function put(key: string, value: string): Uint8Array {
  return encodePayload(1, [encodeKvOps([{ kind: 'put', key: utf8(key), value: utf8(value) }])]);
}

export function entryVectors() {
  const first = write(alice, { payload: put('greeting', 'hello') });
  const second = write(alice, {
    after: first,
    hlc: hlcNext(evening),
    payload: put('greeting', 'hello again'),
  });
  const branch = write(alice, { after: first, payload: put('greeting', 'hallo') });
  const others = write(bob, { deps: [second], payload: put('answer', 'hi') });
  const strangers = Array.from({ length: 64 }, (_, i): EntryRef => ({
    author: bob.nodeId,
    seq: i + 1,
    hash: filled(i) as Hash,
  }));
  const greatest = {
    author: carol.nodeId,
    seq: Number.MAX_SAFE_INTEGER,
    prev: parseHash(filled(0xff)),
    hlc: (hlcLimit - 1n) as Hlc,
    deps: [{ author: alice.nodeId, seq: Number.MAX_SAFE_INTEGER, hash: parseHash(filled(0xfe)) }],
    payload: counting(3),
  };
  const entries: Record<string, Written> = {
    'the least that an entry has': write(alice, { hlc: hlcZero }),
    'a put': first,
    'the next of its chain': second,
    'another branch of the same chain': branch,
    'with a dep on another author': others,
    'a merge entry: no payload, deps on both branches of a fork and on a third author': write(carol, {
      deps: [branch, second, others],
    }),
    'issued again in place of another': write(alice, {
      after: second,
      instead: second.hash,
      payload: put('a', 'b'),
    }),
    'with as many deps as there may be': write(carol, { deps: strangers.map(refOf) }),
    'every number at its greatest': written(carol, greatest),
  };
  return {
    entries: Object.entries(entries).map(([name, { entry, hash }]) => ({
      name,
      ...entryJson(entry),
      bytes: toHex(canonicalEntryBytes(entry)),
      hash: toHex(hash),
    })),
  };
}
