import type { Files, OpenFile } from '@lattice/storage';
import { segmentName } from './segment-address.js';

const openFilesMax = 16;

/** The files of complete segments, opened when they are first read, the least recently used closed when they are many. */
export class OpenSegments {
  readonly #open = new Map<number, OpenFile>();

  constructor(private readonly files: Files) {}

  file(segment: number): OpenFile {
    const file = this.#open.get(segment) ?? this.files.open(segmentName(segment));
    this.#open.delete(segment);
    this.#open.set(segment, file);
    if (this.#open.size > openFilesMax) {
      const [oldest = segment] = this.#open.keys();
      this.#open.get(oldest)?.close();
      this.#open.delete(oldest);
    }
    return file;
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}
