import { sizeText } from '@lattice/model';
import { constants, type FileHandle, open } from 'node:fs/promises';
import fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { diskError, diskFull, roomIn, systemCode } from './disk-errors.js';
import { syncDirectory } from './durable-files.js';

/**
 * What follows the LMDB file in a checkpoint (all numbers big-endian):
 *
 *     8  "LATTCKP\n"
 *     8  length of the LMDB file
 *     4  CRC-32 of it
 *     4  CRC-32 of all of the above
 *
 * LMDB has no checksums, and crashes on damage; and a checkpoint is believed long after it was written.
 */
const magic = Buffer.from('LATTCKP\n');
const trailerBytes = 24;

/** It is read in pieces of so many bytes, each of which keeps the event loop for less than a millisecond. */
const pieceBytes = 256 * 1024;

/** So much of the disk is left free: a checkpoint only saves time, so it is not what fills a disk. Bytes. */
const spareBytes = 64 * 1024 * 1024;

/** A copy of an LMDB file that a crash of the machine leaves whole, at a path beside it. */
export class CheckpointFile {
  constructor(private readonly path: string) {}

  /** Takes the place of the one before once it is on the disk. `copyTo` makes a copy of at most `bytesMax`. Rejects as disks do. */
  async make(bytesMax: number, copyTo: (path: string) => Promise<void>): Promise<void> {
    const temporary = `${this.path}.tmp`;
    try {
      await fs.rm(temporary, { force: true });
      await requireRoom(dirname(this.path), bytesMax + spareBytes);
      await copyTo(temporary);
      await seal(temporary);
      await fs.rename(temporary, this.path);
      await syncDirectory(dirname(this.path));
    } catch (error) {
      // What was written of it is not to fill the disk.
      await fs.rm(temporary, { force: true }).catch(() => undefined);
      throw diskError(error, 'keeping a checkpoint of the state');
    }
  }

  /**
   * Puts a copy of it in the place of that file; not synced. Returns whether there is one, and whole: one that is damaged is
   * removed. The file is never missing meanwhile.
   */
  async putInPlaceOf(path: string): Promise<boolean> {
    const temporary = `${this.path}.tmp`;
    try {
      await fs.copyFile(this.path, temporary, constants.COPYFILE_FICLONE);
      if (!(await unseal(temporary))) {
        await this.remove();
        return false;
      }
      await fs.rename(temporary, path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      await fs.rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Once resolved, it does not come back. */
  async remove(): Promise<void> {
    await fs.rm(`${this.path}.tmp`, { force: true });
    try {
      await fs.unlink(this.path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw error;
    }
    await syncDirectory(dirname(this.path));
  }

  /** Removes what a crash left of one in the making. */
  async tidy(): Promise<void> {
    await fs.rm(`${this.path}.tmp`, { force: true });
  }
}

async function requireRoom(directory: string, bytes: number): Promise<void> {
  if ((roomIn(directory) ?? Infinity) < bytes)
    throw diskFull(`making room for a checkpoint of ${sizeText(bytes)}`, undefined, directory);
}

async function seal(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    await file.write(trailerOf(size, await checksumOf(file, size)), 0, trailerBytes, size);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Cuts the trailer off, if all is as it says. */
async function unseal(path: string): Promise<boolean> {
  const file = await open(path, 'r+');
  try {
    const length = (await file.stat()).size - trailerBytes;
    if (length < 0) return false;
    const trailer = Buffer.alloc(trailerBytes);
    await file.read(trailer, 0, trailerBytes, length);
    if (!trailer.equals(trailerOf(length, trailer.readUInt32BE(16)))) return false;
    if ((await checksumOf(file, length)) !== trailer.readUInt32BE(16)) return false;
    await file.truncate(length);
    return true;
  } finally {
    await file.close();
  }
}

async function checksumOf(file: FileHandle, length: number): Promise<number> {
  const piece = Buffer.alloc(pieceBytes);
  let checksum = 0;
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(piece, 0, Math.min(pieceBytes, length - at), at);
    if (bytesRead === 0) break;
    checksum = crc32(piece.subarray(0, bytesRead), checksum);
    at += bytesRead;
  }
  return checksum;
}

function trailerOf(length: number, checksum: number): Buffer {
  const trailer = Buffer.alloc(trailerBytes);
  magic.copy(trailer);
  trailer.writeBigUInt64BE(BigInt(length), 8);
  trailer.writeUInt32BE(checksum, 16);
  trailer.writeUInt32BE(crc32(trailer.subarray(0, 20)), 20);
  return trailer;
}
