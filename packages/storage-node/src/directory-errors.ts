import { LatticeError } from '@lattice/model';
import { diskError, systemCode } from './disk-errors.js';

/** What keeps a directory from being used as a data directory, as the public API has it. */
export function directoryError(error: unknown, directory: string): LatticeError {
  const code = systemCode(error) ?? '';
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
    const message = `${directory} can not be written to: change its permissions, or choose another with --data-dir.`;
    return new LatticeError('data-dir-not-writable', message, { cause: error });
  }
  if (['ENOTDIR', 'EEXIST'].includes(code)) {
    const message = `${directory} is not a directory, or a link that leads nowhere: choose another with --data-dir.`;
    return new LatticeError('data-dir-not-a-directory', message, { cause: error });
  }
  if (code === 'ENOENT') {
    const message = `${directory} can not be made, since what it would lie in is not there: mount its disk, or choose another with --data-dir.`;
    return new LatticeError('data-dir-not-writable', message, { cause: error });
  }
  return diskError(error, `using ${directory}`, directory);
}
