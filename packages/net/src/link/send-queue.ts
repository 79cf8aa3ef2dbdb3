import type { FrameWriter } from '../frames.js';

/** What a frame that waits costs beside its bytes: many small ones are no less of a burden. */
const overheadBytes = 64;

/**
 * Frames on their way out, so that nobody who has something to say needs to wait, and reading goes on while a slow peer
 * takes its time. How much may wait is the caller's to bound, by looking at `bytes`.
 */
export class SendQueue {
  readonly #writer: FrameWriter;
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;
  #bytesInAll = 0;
  #running: Promise<void> | undefined;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  /** What waits, in bytes of memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many frames wait. */
  get length(): number {
    return this.#frames.length;
  }

  get bytesInAll(): number {
    return this.#bytesInAll;
  }

  push(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.length + overheadBytes;
    this.#bytesInAll += frame.length;
    this.#running ??= this.#run();
    // Whoever flushes hears of a failure; who does not finds the stream broken when reading.
    this.#running.catch(() => undefined);
  }

  /** Resolves when everything has been handed to the stream; rejects as its `write` does. */
  async flush(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let frame = this.#frames.shift(); frame; frame = this.#frames.shift()) {
      await this.#writer.write(frame);
      this.#bytes -= frame.length + overheadBytes;
    }
    this.#running = undefined;
  }
}
