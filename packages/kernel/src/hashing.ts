import { blake3 } from '@lattice/crypto';
import { compareBytes, type Entry, type Genesis, type Hash, type StoreId } from '@lattice/model';
import { ByteWriter, encodeGenesis, writeCanonicalEntry, writeCanonicalHead } from '@lattice/proto';

/** Hashing two parts costs as much as copying so many bytes. */
const copiedBytesMax = 4_096;

const scratch = new ByteWriter(16 * 1024);

/** An entry's name: keyed BLAKE3 (domain "entry") of its canonical bytes. */
export function hashEntry(entry: Entry): Hash {
  if (entry.payload.length <= copiedBytesMax)
    return blake3('entry', writeCanonicalEntry(scratch.reset(), entry).view());
  return blake3('entry', writeCanonicalHead(scratch.reset(), entry).view(), entry.payload);
}

/** A store's id: keyed BLAKE3 (domain "genesis") of its genesis. */
export function storeIdOf(genesis: Genesis): StoreId {
  return blake3('genesis', encodeGenesis(genesis)) as StoreId;
}

/**
 * What two nodes compare first: keyed BLAKE3 (domain "tips") over the sorted hashes. Not a sum or a XOR, which whoever may
 * choose entries could forge.
 */
export function digestOf(hashes: readonly Hash[]): Hash {
  const sorted = [...hashes].sort(compareBytes);
  const writer = new ByteWriter(32 * sorted.length + 1);
  for (const hash of sorted) writer.raw(hash);
  return blake3('tips', writer.view());
}
