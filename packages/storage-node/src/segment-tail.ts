import { assert, LatticeError } from '@lattice/model';
import type { OpenFile } from '@lattice/storage';
import { diskError, isDiskFull } from './disk-errors.js';
import { FileWindow } from './file-window.js';
import { segmentBytesMax } from './segment-address.js';
import { bareFrameBytes, encodeFrames, encodeGap, framesBytes } from './segment-frame.js';
import type { TailState } from './segment-recovery.js';
import { walkSegment } from './segment-walk.js';

/** A file is extended this far ahead of its data, at first and at most: within its size, a sync need not write metadata. */
const extendBytesMin = 1024 * 1024;
const extendBytesMax = 8 * 1024 * 1024;

/** Making room for a large append takes longer than laying it out, so what was needed once is kept, up to so much. */
const scratchBytesMin = 64 * 1024;
const scratchBytesMax = 4 * 1024 * 1024;

/** The end of the log: the last segment, where records are appended. */
export class SegmentTail {
  #end: number;
  #isSealed: boolean;
  /** Where the last append began, for checking it again. */
  #lastAppend: number;
  #size: number;
  /** What lies beyond `#end` is unknown: an append failed, or a crash left something there. */
  #mustCutBack: boolean;
  /** Where appends are laid out, one at a time; most of them fit. */
  #scratch = new Uint8Array(scratchBytesMin);
  #scratchView = new DataView(this.#scratch.buffer);

  constructor(
    readonly file: OpenFile,
    private readonly salt: number,
    state: TailState,
    /** The append that takes the segment past this is its last. */
    private readonly sealAtBytes: number,
    /** For people. */
    private readonly folder?: string,
  ) {
    this.#end = state.end;
    this.#isSealed = state.isSealed;
    this.#lastAppend = state.lastAppend;
    this.#mustCutBack = state.torn > 0 || state.lostItsEnd;
    this.#size = file.size();
  }

  /** Behind the last synced record. */
  get end(): number {
    return this.#end;
  }

  get isSealed(): boolean {
    return this.#isSealed;
  }

  /**
   * To be called once, before anything is made of what was found: that may be in memory only. The last append is written again,
   * since its pages count as clean where the system has failed to write them, for a process that was killed before it could say so.
   */
  async settle(firstPosition: number): Promise<void> {
    await this.#writeLastAgain();
    if (!this.#mustCutBack) return await this.file.sync();
    if (this.#end > firstPosition) await this.#markEnd();
    await this.cutBack();
  }

  /** Returns the first record's position. A rejection means that none of them is there, now or later. */
  async append(records: readonly Uint8Array[]): Promise<number> {
    if (this.#mustCutBack) await this.cutBack();
    assert(!this.#isSealed, 'nothing is appended to a sealed segment');
    const bytes = framesBytes(records);
    const seal = this.#end + bytes >= this.sealAtBytes;
    const frames = this.#encode(records, seal, seal ? bytes + bareFrameBytes : bytes);
    const end = this.#end + frames.length;
    assert(end < segmentBytesMax, 'an append fits into a segment');
    try {
      if (end > this.#size) await this.#extendTo(end);
      this.#mustCutBack = true;
      await this.file.write(frames, this.#end);
      await this.file.sync();
      this.#mustCutBack = false;
    } catch (error) {
      await this.#tryToCutBack();
      throw diskError(error, 'appending to the log', this.folder);
    }
    this.#lastAppend = this.#end;
    this.#end = end;
    this.#isSealed = seal;
    return this.#lastAppend;
  }

  /**
   * Removes what lies beyond the last synced record, and looks whether that record still stands. Pages that the system
   * failed to write count as clean, so only cutting them off and syncing that makes sure that they do not come back.
   */
  async cutBack(): Promise<void> {
    try {
      await this.file.resize(this.#end);
      this.#size = this.#end;
      await this.file.sync();
      this.#assertStands();
    } catch (error) {
      throw asDiskFailed(diskError(error, 'cutting the log back to its last synced record', this.folder));
    }
    this.#mustCutBack = false;
  }

  /** Gives back what the file was extended ahead by. */
  async trim(): Promise<void> {
    await this.file.resize(this.#end);
    this.#size = this.#end;
  }

  close(): void {
    this.file.close();
  }

  async #writeLastAgain(): Promise<void> {
    const last = new Uint8Array(this.#end - this.#lastAppend);
    this.file.read(last, this.#lastAppend);
    await this.#writeIfRoom(last, this.#lastAppend);
  }

  /**
   * Begins an append with nothing in it, in place of the torn one or behind what is lost: so all that lies before it is known to
   * have been synced. Else, with nothing behind it, damage there would be taken for a torn append when the log is next opened.
   */
  async #markEnd(): Promise<void> {
    if (!(await this.#writeIfRoom(encodeGap(bareFrameBytes, this.salt), this.#end))) return;
    await this.file.sync();
    this.#lastAppend = this.#end;
    this.#end += bareFrameBytes;
  }

  /** Where writing takes room even for what is there already, a full disk is still to be read. */
  async #writeIfRoom(bytes: Uint8Array, position: number): Promise<boolean> {
    try {
      await this.file.write(bytes, position);
      return true;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      return false;
    }
  }

  #encode(records: readonly Uint8Array[], seal: boolean, bytes: number): Uint8Array {
    if (bytes > scratchBytesMax) {
      const large = new Uint8Array(bytes);
      encodeFrames(records, seal, this.salt, large, new DataView(large.buffer));
      return large;
    }
    if (bytes > this.#scratch.length) {
      this.#scratch = new Uint8Array(Math.min(2 * bytes, scratchBytesMax));
      this.#scratchView = new DataView(this.#scratch.buffer);
    }
    encodeFrames(records, seal, this.salt, this.#scratch, this.#scratchView);
    return this.#scratch.subarray(0, bytes);
  }

  async #tryToCutBack(): Promise<void> {
    if (!this.#mustCutBack) return;
    try {
      await this.cutBack();
    } catch {
      // The next append tries again, and is refused until it succeeds.
    }
  }

  async #extendTo(end: number): Promise<void> {
    const ahead = Math.min(Math.max(this.#size, extendBytesMin), extendBytesMax);
    const size = Math.max(end, this.#size + ahead);
    await this.file.resize(size);
    this.#size = size;
  }

  #assertStands(): void {
    const window = new FileWindow(() => this.file, this.#end);
    let position = this.#lastAppend;
    if (position !== this.#end) {
      for (const item of walkSegment(window, this.salt, position)) {
        if (item.kind === 'record' || item.kind === 'seal' || item.kind === 'gap') position = item.next;
        else break;
      }
    }
    if (position !== this.#end || this.file.size() !== this.#end) {
      throw new LatticeError(
        'disk-failed',
        'The log reads back otherwise than it was written: the disk is failing.',
      );
    }
  }
}

/** While the log cannot be cut back nothing can be appended, room or no room. */
function asDiskFailed(error: LatticeError): LatticeError {
  return error.code === 'disk-failed'
    ? error
    : new LatticeError('disk-failed', error.message, { cause: error });
}
