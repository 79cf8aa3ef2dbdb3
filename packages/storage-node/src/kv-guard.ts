import { constants, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readTextFile, syncDirectory } from './durable-files.js';

/** How an LMDB file was last left. */
export type GuardPhase =
  /** Closed, with all of it synced before. */
  | 'clean'
  /** It was being opened. Found when it is opened next, the attempt ended in a crash, perhaps because the file is damaged. */
  | 'opening'
  /** It was open: since LMDB survives a crash of the process, the file is good for as long as the machine runs. */
  | 'open';

export interface GuardState {
  readonly phase: GuardPhase;
  /** Which run of the machine it was. */
  readonly bootId: string;
  /** How many times in a row it was not closed before. */
  readonly unclosed: number;
}

/** The record is written in place, so that a full disk does not keep a store from being opened. Bytes. */
const recordBytes = 256;

/** The small file beside an LMDB file that says how that was left. LMDB's own file can not be trusted to. */
export class KvGuard {
  constructor(private readonly path: string) {}

  /** `undefined` where there is none, or it can not be read: as after a crash in the middle of writing it. */
  async read(): Promise<GuardState | undefined> {
    const text = await readTextFile(this.path);
    const match = /^(clean|opening|open) (\d+) (\S(?:.*\S)?) *\n$/.exec(text ?? '');
    if (match === null) return undefined;
    const [, phase, unclosed, bootId = ''] = match;
    return { phase: phase as GuardPhase, bootId, unclosed: Number(unclosed) };
  }

  /** With `durable`, on the disk before anything that follows is. */
  async write(
    { phase, bootId, unclosed }: GuardState,
    { durable }: { readonly durable: boolean },
  ): Promise<void> {
    const file = await open(this.path, constants.O_RDWR | constants.O_CREAT, 0o600);
    let isNew = false;
    try {
      isNew = (await file.stat()).size === 0;
      await file.write(`${phase} ${unclosed} ${bootId}`.padEnd(recordBytes - 1) + '\n', 0);
      if (durable) await file.datasync();
    } finally {
      await file.close();
    }
    if (isNew) await syncDirectory(dirname(this.path));
  }
}
