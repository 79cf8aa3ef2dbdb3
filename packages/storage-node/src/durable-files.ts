import fs from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from './disk-errors.js';

/**
 * Puts a small file in place so that after a crash at any moment it is there whole or not at all, and once this resolved
 * it is there.
 */
export async function writeFileDurably(path: string, content: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.tmp`;
  await fs.promises.rm(temporary, { force: true });
  const file = await fs.promises.open(temporary, 'wx', mode);
  try {
    await file.writeFile(content);
    // The mode that a file is made with is subject to the umask.
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
  await fs.promises.rename(temporary, path);
  await syncDirectory(dirname(path));
}

/**
 * Makes a directory that only its owner can look into, together with those above it that are missing. One at a time, since
 * Node's recursive `mkdir` never returns where a directory cannot be made although the one above it is there: in /proc and
 * on other file systems that are not ours to make things in.
 */
export async function makeDirectory(path: string): Promise<void> {
  const wanted = [path];
  for (let above = dirname(path); !(await isThere(above)); above = dirname(above)) wanted.unshift(above);
  for (const directory of wanted) await makeUnlessThere(directory);
}

async function makeUnlessThere(directory: string): Promise<void> {
  try {
    await fs.promises.mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await isDirectory(directory))) return;
    throw error;
  }
  await syncDirectory(dirname(directory));
}

/** Also where it is something else than a directory, which shows when something is to be made in it. */
async function isThere(path: string): Promise<boolean> {
  return (await statIfThere(path)) !== undefined;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await statIfThere(path))?.isDirectory() === true;
}

export async function statIfThere(path: string): Promise<fs.Stats | undefined> {
  try {
    return await fs.promises.stat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes what was created, renamed and removed in a directory survive a crash of the machine. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows neither needs this nor lets a directory be opened.
  if (process.platform === 'win32') return;
  const directory = await fs.promises.open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Makes a file's content survive a crash of the machine, whoever wrote it. */
export async function syncFile(path: string): Promise<void> {
  const file = await fs.promises.open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** The content, or `undefined` where there is no such file. */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await fs.promises.readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
