import { assert } from '@lattice/model';
import { depByAuthor } from './bundle-form.js';
import { ByteReader } from './byte-reader.js';

/**
 * The payload of one entry, by its index, of a full bundle that is known to be whole: a view into it. Whatever lies before
 * is skipped, and nothing is hashed, which is what decoding costs most for.
 */
export function payloadInBundle(bytes: Uint8Array, index: number): Uint8Array {
  const reader = new ByteReader(bytes);
  reader.skip(1);
  for (let chains = reader.varint(); chains > 0; chains--) {
    reader.skip(32);
    reader.skipVarint();
    reader.skip(32 + 64);
  }
  reader.skip(32 * reader.varint());
  assert(index < reader.varint(), 'the bundle has an entry of that index');
  for (let before = index; before > 0; before--) {
    skipToPayload(reader);
    reader.skip(reader.varint());
  }
  skipToPayload(reader);
  return reader.raw(reader.varint());
}

function skipToPayload(reader: ByteReader): void {
  reader.skipVarint(); // its chain
  reader.skipVarint(); // its hlc
  const head = reader.varint();
  for (let deps = head >> 1; deps > 0; deps--) {
    if (reader.varint() % 2 !== depByAuthor) continue;
    reader.skipVarint();
    reader.skip(32);
  }
  if (head & 1) reader.skip(32);
}
