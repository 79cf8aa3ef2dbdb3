import { assert, LatticeError } from '@lattice/model';
import type { Files, Log, LogItem, LogStretch, OpenFile } from '@lattice/storage';
import { diskError } from './disk-errors.js';
import { OpenSegments } from './open-segments.js';
import { offsetOf, positionOf, segmentName, segmentOf } from './segment-address.js';
import { frameBytes } from './segment-frame.js';
import { encodeHeader, headerBytes, type SegmentHeader } from './segment-header.js';
import { mendSegment } from './segment-mend.js';
import { readRecord } from './segment-read.js';
import { findTail, type TailState } from './segment-recovery.js';
import { scanSegment } from './segment-scan.js';
import { createSegment, findSegments, type SegmentSet } from './segment-set.js';
import { SegmentTail } from './segment-tail.js';

export interface SegmentLogOptions {
  /** The append that makes a segment's file so large is its last. */
  readonly segmentBytes?: number;
  /** Where it is, for people. */
  readonly folder?: string;
  /** An offset before which all was synced, where it is known of a log that is opened. */
  readonly syncedTo?: number;
}

const segmentBytesDefault = 64 * 1024 * 1024;

/** `Log` in files: segments, of which only the last is ever written to. */
export class SegmentLog implements Log {
  readonly #sealed: OpenSegments;
  /** Whoever writes to it. */
  #appending: Promise<unknown> | undefined;
  #open = true;

  private constructor(
    private readonly files: Files,
    private readonly set: SegmentSet,
    private tail: SegmentTail,
    private readonly options: SegmentLogOptions,
    /** What was found amiss on opening and dealt with, in words for the operator. */
    readonly repairs: readonly string[],
  ) {
    this.#sealed = new OpenSegments(files);
  }

  /** Begins a log in an empty directory. Once resolved, it survives a crash of the machine. */
  static async create(
    files: Files,
    header: SegmentHeader,
    options: SegmentLogOptions = {},
  ): Promise<SegmentLog> {
    try {
      const file = await createSegment(files, header, 0);
      const set = { header, numbers: [0], lastIsHeadless: false };
      return new SegmentLog(files, set, newTail(file, header, emptyTail(header), options), options, []);
    } catch (error) {
      throw diskError(error, 'making a log', options.folder);
    }
  }

  /**
   * Goes through the last segment from head to head, and reads nothing of those before it. Rejects with `store-damaged` where no header is
   * intact, and with `data-dir-newer`.
   */
  static async open(files: Files, options: SegmentLogOptions = {}): Promise<SegmentLog> {
    try {
      const set = await findSegments(files);
      const { header, numbers } = set;
      const last = numbers.at(-1) ?? 0;
      const file = files.open(segmentName(last));
      const synced = syncedIn(last, header, options.syncedTo ?? 0);
      const state = findTail(file, header.salt, headerBytes(header), synced);
      const tail = newTail(file, header, state, options);
      if (set.lastIsHeadless) await file.write(encodeHeader(header), 0);
      await files.syncDirectory();
      await tail.settle(headerBytes(header));
      return new SegmentLog(files, set, tail, options, repairsOf(set, state));
    } catch (error) {
      throw diskError(error, 'opening a log', options.folder);
    }
  }

  get genesis(): Uint8Array {
    return this.set.header.genesis;
  }

  get end(): number {
    return this.tail.isSealed ? this.#startOf(this.#last + 1) : offsetOf(this.#last, this.tail.end);
  }

  async append(records: readonly Uint8Array[]): Promise<readonly number[]> {
    this.#assertOpen();
    assert(this.#appending === undefined, 'one append at a time');
    if (records.length === 0) return [];
    // Kept for whoever closes the log meanwhile.
    const appending = this.tail.isSealed ? this.#appendToNext(records) : this.tail.append(records);
    this.#appending = appending;
    try {
      let position = await appending;
      const last = this.#last;
      return records.map(({ length }) => {
        const offset = offsetOf(last, position);
        position += frameBytes(length);
        return offset;
      });
    } finally {
      this.#appending = undefined;
    }
  }

  read(offset: number, into?: Uint8Array): Uint8Array {
    this.#assertOpen();
    const segment = segmentOf(offset);
    const position = positionOf(offset);
    if (this.#has(segment) && position % 8 === 0 && position >= positionOf(this.#startOf(segment))) {
      const limit = segment === this.#last ? this.tail.end : Infinity;
      const record = readRecord(this.#file(segment), this.set.header.salt, position, limit, into);
      if (record !== undefined) return record;
    }
    throw new LatticeError(
      'log-damaged',
      `The log has no intact record at ${offset}: fetch it from peers again.`,
    );
  }

  *scan(from: number): Iterable<LogItem> {
    this.#assertOpen();
    const { end } = this;
    for (let offset = Math.max(from, this.#startOf(0)); offset < end;) {
      const segment = segmentOf(offset);
      const next = Math.min(this.#startOf(segment + 1), end);
      if (this.#has(segment))
        yield* scanSegment(() => this.#file(segment), this.set.header.salt, offset, next);
      else yield { kind: 'damaged', offset, next };
      offset = next;
    }
  }

  async mend(stretch: LogStretch): Promise<void> {
    this.#assertOpen();
    assert(this.#appending === undefined, 'nothing is mended while an append is under way');
    const mending = this.#mend(stretch);
    this.#appending = mending;
    try {
      await mending;
    } catch (error) {
      throw diskError(error, 'mending the log', this.options.folder);
    } finally {
      this.#appending = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#appending?.catch(() => undefined);
    this.tail.close();
    this.#sealed.close();
  }

  async #appendToNext(records: readonly Uint8Array[]): Promise<number> {
    await this.#beginSegment();
    return this.tail.append(records);
  }

  async #mend(stretch: LogStretch): Promise<void> {
    const { header, numbers } = this.set;
    const segment = segmentOf(stretch.offset);
    if (!this.#has(segment)) {
      (await createSegment(this.files, header, segment)).close();
      numbers.push(segment);
      numbers.sort((a, b) => a - b);
    }
    await mendSegment(this.files, this.#file(segment), header, stretch);
  }

  async #beginSegment(): Promise<void> {
    const { header, numbers } = this.set;
    const segment = this.#last + 1;
    try {
      // What was extended ahead is given back. No need to sync that: readers stop at the seal.
      await this.tail.trim();
      const file = await createSegment(this.files, header, segment);
      this.tail.close();
      this.tail = newTail(file, header, emptyTail(header), this.options);
      numbers.push(segment);
    } catch (error) {
      throw diskError(error, 'beginning a segment of the log', this.options.folder);
    }
  }

  #file(segment: number): OpenFile {
    try {
      return segment === this.#last ? this.tail.file : this.#sealed.file(segment);
    } catch (error) {
      throw diskError(error, `opening ${segmentName(segment)}`);
    }
  }

  #has(segment: number): boolean {
    return this.set.numbers.includes(segment);
  }

  get #last(): number {
    return this.set.numbers.at(-1) ?? 0;
  }

  #startOf(segment: number): number {
    return offsetOf(segment, headerBytes(this.set.header));
  }

  #assertOpen(): void {
    assert(this.#open, 'the log is open');
  }
}

function newTail(
  file: OpenFile,
  header: SegmentHeader,
  state: TailState,
  options: SegmentLogOptions,
): SegmentTail {
  return new SegmentTail(
    file,
    header.salt,
    state,
    options.segmentBytes ?? segmentBytesDefault,
    options.folder,
  );
}

function emptyTail(header: SegmentHeader): TailState {
  const end = headerBytes(header);
  return { end, lastAppend: end, isSealed: false, torn: 0, lostItsEnd: false, damaged: [] };
}

/** Up to which position of a segment all is synced, where it is up to that offset; one where no record can end tells nothing. */
function syncedIn(segment: number, header: SegmentHeader, syncedTo: number): number {
  if (segmentOf(syncedTo) === segment && syncedTo % 8 === 0) return positionOf(syncedTo);
  return syncedTo === offsetOf(segment + 1, headerBytes(header)) ? Infinity : 0;
}

function repairsOf({ numbers, lastIsHeadless }: SegmentSet, { torn, damaged }: TailState): string[] {
  const last = numbers.at(-1) ?? 0;
  const repairs = damaged.map(
    ({ position, next }) =>
      `The log is damaged at ${offsetOf(last, position)} (${next - position} bytes): what was there is to be fetched from peers again.`,
  );
  if (lastIsHeadless)
    repairs.push(`Wrote the damaged header of ${segmentName(last)} again, from another segment's.`);
  if (torn > 0)
    repairs.push(
      'Cut off what a crash had left unfinished at the end of the log: none of it was acknowledged.',
    );
  return repairs;
}
