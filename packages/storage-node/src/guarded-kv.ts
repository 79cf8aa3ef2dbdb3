import { LatticeError } from '@lattice/model';
import { constants, open, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { CheckpointFile } from './checkpoint-file.js';
import { checkLmdbFile, type LmdbFileCheck } from './check-lmdb-file.js';
import { diskFull } from './disk-errors.js';
import { hasRoom } from './disk-room.js';
import { ForwardingKv } from './forwarding-kv.js';
import { type GuardState, KvGuard } from './kv-guard.js';
import type { CopyableKv } from './copyable-kv.js';
import { LmdbKv } from './lmdb-kv.js';
import { WriteBehindKv } from './write-behind-kv.js';

export interface GuardedKvOptions {
  /** Whether each commit is synced; a file of which none is gets discarded after a crash of the machine. */
  readonly durable: boolean;
  /** Which run of the machine this is. */
  readonly bootId: string;
  /** See `LmdbKvOptions`. */
  readonly mapBytes?: number;
  /** What takes the place of a file that can not be trusted, unless the damage may have come with what it holds. */
  readonly checkpoint?: CheckpointFile;
}

export interface OpenedKv {
  readonly kv: CopyableKv;
  /** Why an earlier file was discarded, in words for the operator. */
  readonly repairs: readonly string[];
}

/**
 * Opens an LMDB file whose content can be made anew, so that whatever became of it, it is opened: damaged, or possibly so,
 * it is discarded, and its checkpoint or an empty one takes its place. A file that crashes the process while it is opened does so once, as
 * the attempt is recorded first. Rejects with `disk-full`, or the system's errors.
 */
export async function openGuardedKv(path: string, options: GuardedKvOptions): Promise<OpenedKv> {
  const guard = new KvGuard(`${path}-guard`);
  const left = await guard.read();
  const check = checkLmdbFile(path, { pagesOfFilesUpTo: bytesToCheck(left, options) });
  const why = whyDiscard(check, left, options);
  // Somebody who removed the file wants it made anew.
  if (check.kind === 'absent') await options.checkpoint?.remove();
  const replaced = why && (await replace(path, why, options.checkpoint));
  const repairs = replaced === undefined ? [] : [replaced.repair];
  const isNew = check.kind === 'absent' || replaced?.isEmpty === true;
  // LMDB crashes when it can not make a file.
  if (isNew && !hasRoom(dirname(path))) throw diskFull(`making ${path}`, undefined, dirname(path));
  const unclosed = left?.phase === 'open' && !isNew ? left.unclosed + 1 : 0;
  const state = { bootId: options.bootId, unclosed };
  await guard.write({ ...state, phase: 'opening' }, { durable: true });
  try {
    const kv = await openOrDiscard(path, options, repairs);
    await guard.write({ ...state, phase: 'open' }, { durable: false });
    return { kv: new GuardedKv(options.durable ? kv : new WriteBehindKv(kv), guard, state), repairs };
  } catch (error) {
    // The process lives: whatever it was, it is not what the record is there for.
    if (left !== undefined) await guard.write(left, { durable: false });
    throw error;
  }
}

/**
 * How large a file may be to be read through before it is opened, which takes a millisecond per MiB: a process that did
 * not close it may have crashed because of it. One that was being opened is discarded anyway.
 */
const checkedBytesMax = { clean: 16 * 1024 * 1024, open: 512 * 1024 * 1024, opening: 0 } as const;

/** What a crash of the machine left is of no use, whatever its pages say. */
function bytesToCheck(left: GuardState | undefined, { durable, bootId }: GuardedKvOptions): number {
  if (!durable && left?.phase === 'open' && left.bootId !== bootId) return 0;
  return checkedBytesMax[left?.phase ?? 'open'];
}

/** So often in a row a state is kept though nobody closed it: damage that nothing shows may be what ends the process. */
const unclosedMax = 5;

function whyDiscard(
  check: LmdbFileCheck,
  left: GuardState | undefined,
  { durable, bootId }: GuardedKvOptions,
): Distrust | undefined {
  if (check.kind === 'absent') return undefined;
  if (check.kind === 'damaged') return { reason: `is damaged (${check.reason})`, ofFile: true };
  if (left?.phase === 'opening')
    return { reason: 'may be what ended the process while it was being opened', ofFile: false };
  if (durable || left?.phase === 'clean') return undefined;
  if (left === undefined) return { reason: 'has nothing beside it that says how it was left', ofFile: false };
  if (left.bootId !== bootId) return { reason: 'was left behind by a crash of the machine', ofFile: true };
  return left.unclosed < unclosedMax
    ? undefined
    : { reason: `was not closed ${unclosedMax + 1} times in a row`, ofFile: false };
}

interface Distrust {
  readonly reason: string;
  /** Whether it is the file that is distrusted, and not what it holds: that of its checkpoint, too. */
  readonly ofFile: boolean;
}

async function replace(
  path: string,
  { reason, ofFile }: Distrust,
  checkpoint: CheckpointFile | undefined,
): Promise<{ readonly isEmpty: boolean; readonly repair: string }> {
  if (ofFile && (await checkpoint?.putInPlaceOf(path)))
    return { isEmpty: false, repair: `${basename(path)} ${reason}: its checkpoint took its place.` };
  await checkpoint?.remove();
  return { isEmpty: true, repair: await discard(path, reason) };
}

async function openOrDiscard(path: string, options: GuardedKvOptions, repairs: string[]): Promise<LmdbKv> {
  try {
    return await openAndProbe(path, options);
  } catch (error) {
    if (!(error instanceof LatticeError) || error.code !== 'state-damaged') throw error;
    repairs.push(await discard(path, 'is damaged'));
    await options.checkpoint?.remove();
    return openAndProbe(path, options);
  }
}

async function openAndProbe(path: string, options: GuardedKvOptions): Promise<LmdbKv> {
  await makeLockFile(path);
  const kv = LmdbKv.open(path, options);
  try {
    kv.probe();
  } catch (error) {
    // Without room it can still be read.
    if (error instanceof LatticeError && error.code === 'disk-full') return kv;
    await kv[Symbol.asyncDispose]();
    throw error;
  }
  return kv;
}

async function discard(path: string, reason: string): Promise<string> {
  await rm(path, { force: true, recursive: true });
  return `${basename(path)} ${reason}: discarded, to be made anew.`;
}

/** More than LMDB needs for its 126 readers. */
const lockFileBytes = 16 * 1024;

/**
 * LMDB maps its lock file and writes to it: without room for it that is a bus error, and what an earlier process left there
 * would be believed. So it gets its room here, and only zeros. Nobody else has it open: one process owns the directory.
 */
async function makeLockFile(path: string): Promise<void> {
  const file = await open(`${path}-lock`, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    await file.write(new Uint8Array(lockFileBytes), 0, lockFileBytes, 0);
  } finally {
    await file.close();
  }
}

class GuardedKv extends ForwardingKv<CopyableKv> implements CopyableKv {
  #isOpen = true;
  #copying = Promise.resolve();

  constructor(
    kv: CopyableKv,
    private readonly guard: KvGuard,
    private readonly state: Omit<GuardState, 'phase'>,
  ) {
    super(kv);
  }

  /** One copy after the other; closing waits for them. */
  copyTo(path: string): Promise<void> {
    const copied = this.#copying.then(() => this.kv.copyTo(path));
    this.#copying = copied.catch(() => undefined);
    return copied;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#copying;
    let left: GuardState = { ...this.state, phase: 'clean', unclosed: 0 };
    try {
      await this.kv.flush();
    } catch {
      // Not worth failing for: as nothing says that it was closed cleanly, it is discarded after a crash of the machine.
      left = { ...this.state, phase: 'open' };
    }
    await this.kv[Symbol.asyncDispose]();
    await this.guard.write(left, { durable: false });
  }
}
