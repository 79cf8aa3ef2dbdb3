import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder with test vectors of other projects, where there is one. */
const folder = process.env['LATTICE_VECTORS'];

/** What to hand to a test that reads from that folder. */
export const withoutVectors = {
  skip: folder ? false : 'needs the test vectors of other projects: set LATTICE_VECTORS to their folder',
};

export function othersVectors(file: string): unknown {
  if (!folder) throw new Error('a test that needs LATTICE_VECTORS is skipped without it');
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

export function ownVectors(file: string): unknown {
  return JSON.parse(readFileSync(`packages/crypto/test/vectors/${file}`, 'utf8'));
}

/** `0, 1, 2 ... 250, 0, 1 ...`, as BLAKE3's vectors are made. */
export function countingBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}
