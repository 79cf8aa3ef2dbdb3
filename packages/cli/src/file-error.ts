import { LatticeError } from '@lattice/model';

const reasons: Readonly<Record<string, readonly [code: string, what: string]>> = {
  ENOENT: ['file-not-found', 'is not there: check the path'],
  EACCES: ['file-not-permitted', 'may not be opened by you: check its mode and owner'],
  EPERM: ['file-not-permitted', 'may not be opened by you: check its mode and owner'],
  EISDIR: ['file-is-directory', 'is a directory: name a file'],
  ENOTDIR: ['file-not-found', 'lies behind something that is no directory: check the path'],
  ENOSPC: ['disk-full', 'does not fit on the disk: free some space'],
  EDQUOT: ['disk-full', 'does not fit in your quota: free some space'],
  EROFS: ['file-not-permitted', 'lies on a disk that is read-only: choose another place'],
};

/** What the system said of a file the user named, as a sentence. Anything else is passed on as it is. */
export function fileError(error: unknown, file: string): unknown {
  if (
    error instanceof LatticeError ||
    !(error instanceof Error) ||
    !('code' in error) ||
    typeof error.code !== 'string'
  )
    return error;
  const [code, what] = reasons[error.code] ?? ['file-failed', `could not be used (${error.code})`];
  return new LatticeError(code, `${file} ${what}.`, { cause: error });
}
