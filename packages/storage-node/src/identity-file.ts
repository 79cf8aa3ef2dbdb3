import { assert, fromHex, LatticeError, toHex } from '@lattice/model';
import fs from 'node:fs/promises';
import { systemCode } from './disk-errors.js';
import { readTextFile, writeFileDurably } from './durable-files.js';

export const identitySeedBytes = 32;

/**
 * The node's Ed25519 seed (RFC 8032, section 5.1.5), as 64 hexadecimal digits in a file that only its owner can read. A
 * file that is there is never replaced but by a successor: it may be the only copy of an identity. `fresh` says what a missing one is to hold,
 * or that none may be made.
 */
export async function readOrMakeIdentity(
  path: string,
  fresh: () => Promise<Uint8Array | undefined>,
): Promise<Uint8Array> {
  const text = await readPrivateFile(path);
  if (text === undefined) {
    const seed = await fresh();
    if (seed === undefined) throw missing(path);
    await writeIdentity(path, seed);
    return seed;
  }
  if (!/^[0-9a-f]{64}\n?$/.test(text)) {
    throw new LatticeError(
      'identity-invalid',
      `${path} does not hold an identity (64 hexadecimal digits): restore it from a backup, or move it away to start with a new one.`,
    );
  }
  return fromHex(text.slice(0, 2 * identitySeedBytes));
}

/** After a crash at any moment, the file holds what it held, or this. */
export async function writeIdentity(path: string, seed: Uint8Array): Promise<void> {
  assert(seed.length === identitySeedBytes, 'a seed has 32 bytes');
  await writeFileDurably(path, `${toHex(seed)}\n`);
}

function missing(path: string): LatticeError {
  return new LatticeError(
    'identity-missing',
    `${path} is gone, while the stores beside it are there: restore it from a backup, or start as a new node with another --data-dir.`,
  );
}

async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    const text = await readTextFile(path);
    if (text !== undefined) await refuseOthers(path);
    return text;
  } catch (error) {
    if (systemCode(error) === 'EISDIR') {
      throw new LatticeError(
        'identity-invalid',
        `${path} is a directory: move it away to start with a new identity.`,
      );
    }
    if (systemCode(error) !== 'EACCES') throw error;
    throw new LatticeError(
      'identity-permissions',
      `${path} can not be read by this user: run lattice as its owner, or run "chmod 600 ${path}".`,
    );
  }
}

async function refuseOthers(path: string): Promise<void> {
  // Windows has no such bits.
  if (process.platform === 'win32') return;
  const { mode } = await fs.stat(path);
  if ((mode & 0o077) === 0) return;
  throw new LatticeError(
    'identity-permissions',
    `${path} holds the node's private key and others may read it (mode ${(mode & 0o777).toString(8)}): run "chmod 600 ${path}".`,
  );
}
