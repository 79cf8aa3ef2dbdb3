import type { Hash } from '@lattice/model';
import type { IHasher } from 'hash-wasm';
// The single-algorithm build loads in no time; the package's index compiles all of its algorithms (37 ms).
import hashWasm from 'hash-wasm/dist/blake3.umd.min.js';
import { type Domain, domainTag } from './domains.js';

/** `blake3` in WebAssembly: on every machine, and the fastest of small inputs. */
export function wasmBlake3(domain: Domain, parts: readonly Uint8Array[]): Hash {
  const hasher = hashers[domain];
  hasher.init();
  for (const part of parts) hasher.update(part);
  return hasher.digest('binary') as Hash;
}

const hashers: Record<Domain, IHasher> = {
  genesis: await hashWasm.createBLAKE3(256, domainTag('genesis')),
  entry: await hashWasm.createBLAKE3(256, domainTag('entry')),
  tips: await hashWasm.createBLAKE3(256, domainTag('tips')),
  'short-id': await hashWasm.createBLAKE3(256, domainTag('short-id')),
  'mesh-tag': await hashWasm.createBLAKE3(256, domainTag('mesh-tag')),
  'lan-tag': await hashWasm.createBLAKE3(256, domainTag('lan-tag')),
  invite: await hashWasm.createBLAKE3(256, domainTag('invite')),
  token: await hashWasm.createBLAKE3(256, domainTag('token')),
  chain: await hashWasm.createBLAKE3(256, domainTag('chain')),
  gossip: await hashWasm.createBLAKE3(256, domainTag('gossip')),
};
