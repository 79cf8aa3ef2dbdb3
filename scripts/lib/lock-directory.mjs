// A lock between processes that survives the death of its holder: a directory with one file, named by the
// holder's process id. It is prepared under another name and renamed into place, so it never stands there
// without its holder's name; and of several that find a dead holder, renaming its file to their own succeeds
// for exactly one.
import { mkdirSync, readdirSync, renameSync, rmSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const pollMs = 100;

/**
 * Runs `task` while no other process does. `onWait(pid)` is called once, before waiting for another. Returns
 * what `task` does.
 */
export function withLock(directory, task, onWait = () => undefined) {
  const own = String(process.pid);
  let waitsFor = tryToHold(directory, own);
  if (waitsFor !== own) onWait(waitsFor);
  while (waitsFor !== own) {
    sleep(pollMs);
    waitsFor = tryToHold(directory, own);
  }
  try {
    return task();
  } finally {
    unlinkSync(join(directory, own));
    attempt(() => rmdirSync(directory));
  }
}

/** Who holds the lock after this call: `own`, or another's process id. */
function tryToHold(directory, own) {
  for (;;) {
    if (putInPlace(directory, own)) return own;
    const [holder] = namesIn(directory);
    if (holder === undefined) continue;
    if (isAlive(Number(holder))) return holder;
    if (attempt(() => renameSync(join(directory, holder), join(directory, own)))) return own;
  }
}

function putInPlace(directory, own) {
  const prepared = `${directory}.${own}`;
  mkdirSync(prepared, { recursive: true });
  writeFileSync(join(prepared, own), '');
  // What is empty was left by a holder that died while releasing. POSIX would rename over it, Windows does
  // not.
  attempt(() => rmdirSync(directory));
  const succeeded = attempt(() => renameSync(prepared, directory));
  if (!succeeded) rmSync(prepared, { recursive: true });
  return succeeded;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function namesIn(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/**
 * Whether the call succeeded. To lose a race is expected; what is wrong for good, such as a full disk, is
 * thrown.
 */
function attempt(call) {
  try {
    call();
    return true;
  } catch (error) {
    // EPERM is how Windows refuses to rename onto a directory.
    if (['EEXIST', 'ENOENT', 'ENOTEMPTY', 'EPERM'].includes(error.code)) return false;
    throw error;
  }
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
