import type { Hash } from '@lattice/model';
import type { Domain } from './domains.js';
import { nativeBlake3 } from './native-blake3.js';
import { wasmBlake3 } from './wasm-blake3.js';

/** From so many bytes on, native code makes up for what calling it costs. */
const nativeBytesMin = 8 * 1024;

/**
 * BLAKE3-256 in keyed mode, under the domain's fixed key, of the parts' concatenation. Two domains never yield the same
 * hash for the same bytes. (BLAKE3 specification, section 2.3.)
 */
export function blake3(domain: Domain, ...parts: readonly Uint8Array[]): Hash {
  let bytes = 0;
  for (const { length } of parts) bytes += length;
  const native = bytes >= nativeBytesMin ? nativeBlake3() : undefined;
  return native ? native(domain, parts) : wasmBlake3(domain, parts);
}
