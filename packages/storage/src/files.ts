/**
 * One directory's files, as much of them as a log needs: the seam at which tests put faults under it. Errors are those
 * of the system, with its name in `code` ("ENOSPC", "EIO" ...).
 */
export interface Files {
  list(): Promise<readonly string[]>;

  /** Opens for reading and writing. Synchronous, since reads of a log are. With `create`, fails where it is there. */
  open(name: string, options?: { readonly create?: boolean }): OpenFile;

  /** Takes the place of a file that is called `to`, in one step. Open files go on under their new name. */
  rename(from: string, to: string): Promise<void>;

  remove(name: string): Promise<void>;

  /** Resolves when files made, renamed and removed so far would be so after a crash of the machine. */
  syncDirectory(): Promise<void>;
}

/** Closing it twice does nothing; any other use of a closed file fails. */
export interface OpenFile {
  /** Bytes. */
  size(): number;

  /** Fills `into` from that place on and returns how many bytes there were: fewer only at the file's end. */
  read(into: Uint8Array, position: number): number;

  /** Writes all bytes, past the end too. One that rejects may have written any part of them. */
  write(bytes: Uint8Array, position: number): Promise<void>;

  /** Cuts the file off, or extends it with zeros that take no room until they are written. */
  resize(bytes: number): Promise<void>;

  /**
   * Resolves when the content is on the disk. After one that rejects, nothing is known of what was written since the
   * last that did not: Linux marks pages clean that it failed to write (Rebello et al., "Can Applications Recover from
   * fsync Failures?", 2020), so the next call proves nothing about them.
   */
  sync(): Promise<void>;

  close(): void;
}
