import { assert, fromHex, toHex } from '@lattice/model';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { readTextFile, syncDirectory, writeFileDurably } from './durable-files.js';
import { identitySeedBytes, writeIdentity } from './identity-file.js';

/** Where something is, as far as a copy of it elsewhere differs. */
export interface Whereabouts {
  readonly machine: string;
  readonly path: string;
}

/**
 * The seed that is to follow that of `identity.key`: the one that waits beside it, or made from `fresh` and kept there. One that
 * was copied here is not taken, since it may be about to be used where it comes from.
 */
export async function readOrMakeSuccessor(
  directory: string,
  { machine, path }: Whereabouts,
  fresh: () => Uint8Array,
): Promise<Uint8Array> {
  const waiting = parsed((await readTextFile(join(directory, name))) ?? '');
  const isOurs = waiting?.machine === machine && waiting.path === path;
  // A crash may leave one that has followed already.
  if (waiting && isOurs && !(await isInPlace(directory, waiting.seed))) return waiting.seed;
  const seed = fresh();
  assert(seed.length === identitySeedBytes, 'a seed has 32 bytes');
  await writeFileDurably(join(directory, name), `${JSON.stringify({ seed: toHex(seed), machine, path })}\n`);
  return seed;
}

/** Puts the seed that waits into `identity.key`, in one step. */
export async function putSuccessorInPlace(directory: string): Promise<void> {
  const waiting = parsed((await readTextFile(join(directory, name))) ?? '');
  assert(waiting, 'a successor was made');
  await writeIdentity(join(directory, 'identity.key'), waiting.seed);
  await fs.unlink(join(directory, name));
  await syncDirectory(directory);
}

const name = 'identity.next';

async function isInPlace(directory: string, seed: Uint8Array): Promise<boolean> {
  return (await readTextFile(join(directory, 'identity.key')))?.trim() === toHex(seed);
}

function parsed(text: string): (Whereabouts & { readonly seed: Uint8Array }) | undefined {
  try {
    const value = JSON.parse(text) as { readonly [Name in 'seed' | 'machine' | 'path']?: unknown } | null;
    const { seed, machine, path } = value ?? {};
    if (typeof seed !== 'string' || typeof machine !== 'string' || typeof path !== 'string') return undefined;
    return /^[0-9a-f]{64}$/.test(seed) ? { seed: fromHex(seed), machine, path } : undefined;
  } catch {
    return undefined;
  }
}
