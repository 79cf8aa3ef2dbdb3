import { LatticeError, messageOf } from '@lattice/model';
import { dirname } from 'node:path';
import { diskFull } from './disk-errors.js';
import { hasRoom } from './disk-room.js';

/** LMDB's own codes are negative (`lmdb.h`), others are the system's. */
const mapFull = -30_792;
const inputOutput = 5;
/** Linux, and EDQUOT of macOS. */
const noRoom: readonly number[] = [28, 122, 69];

/** As the public API has it; what is not LMDB's stays as it is. */
export function lmdbError(error: unknown, path: string, doing: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'number') return error;
  // A write that the disk had no room for to its end is an input/output error to LMDB.
  if (code === mapFull || noRoom.includes(code) || (code === inputOutput && !hasRoom(dirname(path)))) {
    return diskFull(doing, error, dirname(path));
  }
  const what = messageOf(error);
  return code < 0
    ? new LatticeError('state-damaged', `${path} is damaged (${what}): delete it, it is made anew.`, {
        cause: error,
      })
    : new LatticeError(
        'disk-failed',
        `The disk failed while ${doing} (${what}): look into the system's log.`,
        {
          cause: error,
        },
      );
}
