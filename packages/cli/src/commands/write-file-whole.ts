import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError } from '../file-error.js';

/**
 * Writes a file that is complete or not there: beside it first, synced, then renamed over what was there. What cannot be
 * renamed over, such as a pipe or a device, is written to as it is. `shownPath` is what the user typed.
 */
export async function writeFileWhole(
  path: string,
  shownPath: string,
  chunks: AsyncIterable<string>,
): Promise<void> {
  try {
    const target = await existing(path);
    if (target.kind === 'special') return await writeTo(await open(target.path, 'w'), chunks);
    const temporary = join(dirname(target.path), `.${basename(target.path)}.${process.pid}.partial`);
    try {
      await writeTo(await open(temporary, 'w'), chunks, 'synced');
      await rename(temporary, target.path);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw fileError(error, shownPath);
  }
}

/** Where the path leads through symbolic links, so that those stay. */
async function existing(
  path: string,
): Promise<{ readonly path: string; readonly kind: 'plain' | 'special' }> {
  try {
    const target = await realpath(path);
    const found = await stat(target);
    // A directory refuses to be renamed over by itself.
    return { path: target, kind: found.isFile() || found.isDirectory() ? 'plain' : 'special' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { path, kind: 'plain' };
    throw error;
  }
}

async function writeTo(file: FileHandle, chunks: AsyncIterable<string>, synced?: 'synced'): Promise<void> {
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    if (synced) await file.sync();
  } finally {
    await file.close();
  }
}
