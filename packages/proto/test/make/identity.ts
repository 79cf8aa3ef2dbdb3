import { blake3, domains, domainTag, type KeyPair, sign } from '@lattice/crypto';
import { digestOf, storeIdOf } from '@lattice/kernel';
import { compareBytes, concatBytes, type Genesis, type Hash, storeUuid, toHex, utf8 } from '@lattice/model';
import { encodeGenesis } from '@lattice/proto';
import { genesisJson } from './json.js';
import {
  alice,
  bob,
  carol,
  counting,
  filled,
  kvGenesis,
  kvId,
  meshGenesis,
  meshId,
  write,
} from './material.js';

/** Hashes and signatures: each domain's tag, and what comes of it. */
export function hashVectors() {
  const message = utf8('abc');
  return {
    domains: domains.map((domain) => ({
      domain,
      tag: toHex(domainTag(domain)),
      hashOfNothing: toHex(blake3(domain)),
      hashOfAbc: toHex(blake3(domain, message)),
    })),
    signatures: [alice, bob].flatMap((key: KeyPair) =>
      (['chain', 'invite'] as const).map((domain) => ({
        seed: toHex(key.seed),
        nodeId: toHex(key.nodeId),
        domain,
        message: toHex(write(key).hash),
        signature: toHex(sign(key, domain, write(key).hash)),
      })),
    ),
  };
}

export function genesisVectors() {
  const longest: Genesis = { ...kvGenesis, type: 'a-type-0f-thirty-two-characters-' };
  const bytes = encodeGenesis(kvGenesis);
  const changed = (at: number, byte: number) => bytes.map((value, i) => (i === at ? byte : value));
  return {
    valid: Object.entries({ mesh: meshGenesis, kv: kvGenesis, 'longest type': longest }).map(
      ([name, genesis]: [string, Genesis]) => ({
        name,
        ...genesisJson(genesis),
        bytes: toHex(encodeGenesis(genesis)),
        id: toHex(storeIdOf(genesis)),
        uuid: storeUuid(storeIdOf(genesis)),
      }),
    ),
    malformed: Object.entries({
      'no bytes': new Uint8Array(0),
      'another format version': changed(0, 2),
      'another kind': changed(1, 2),
      'an empty type': concatBytes(bytes.subarray(0, 2), Uint8Array.of(0), bytes.subarray(5)),
      'a type that begins with a digit': changed(3, 0x37),
      'a type with a capital letter': changed(4, 0x56),
      'a type of 33 characters': concatBytes(
        bytes.subarray(0, 2),
        Uint8Array.of(33),
        filled(0x61, 33),
        bytes.subarray(5),
      ),
      'a length that is longer than it needs to be': concatBytes(
        bytes.subarray(0, 2),
        Uint8Array.of(0x82, 0x00),
        bytes.subarray(3),
      ),
      'a byte too few': bytes.subarray(0, -1),
      'a byte too many': concatBytes(bytes, Uint8Array.of(0)),
    }).map(([name, malformed]) => ({ name, bytes: toHex(malformed) })),
  };
}

/** What names a set of entries, or one of them, for a while. */
export function digestVectors() {
  const tips = [alice, bob, carol].map((key) => write(key).hash).sort(compareBytes);
  const nonce = counting(16, 0xf0);
  const sets: Record<string, readonly Hash[]> = {
    'no tips': [],
    'one tip': tips.slice(0, 1),
    'three tips': tips,
  };
  return {
    digests: Object.entries(sets).map(([name, hashes]) => ({
      name,
      tips: hashes.map(toHex),
      digest: toHex(digestOf([...hashes].reverse())),
    })),
    shortIds: tips.map((hash) => ({
      nonce: toHex(nonce),
      hash: toHex(hash),
      shortId: toHex(blake3('short-id', nonce, hash).subarray(0, 8)),
    })),
    meshTags: [
      [alice, bob],
      [bob, alice],
    ].map(([from, to]) => ({
      mesh: toHex(meshId),
      from: toHex(from?.nodeId ?? kvId),
      to: toHex(to?.nodeId ?? kvId),
      tag: toHex(blake3('mesh-tag', meshId, from?.nodeId ?? kvId, to?.nodeId ?? kvId).subarray(0, 16)),
    })),
    lanTags: [alice, bob].map(({ nodeId }) => ({
      instance: toHex(nonce.subarray(0, 16)),
      node: toHex(nodeId),
      tag: toHex(blake3('lan-tag', nonce.subarray(0, 16), nodeId).subarray(0, 16)),
    })),
  };
}
