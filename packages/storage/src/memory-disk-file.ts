import type { Random } from '@lattice/model';

/** The unit that a disk writes whole or, when the power fails, torn. Bytes. */
const sectorBytes = 512;

const blank = new Uint8Array(sectorBytes);

/**
 * One file's content as a machine has it: pages in memory, what is on the disk, and which of the pages differ from it
 * as far as the system knows. A sector is never changed, but put in another's place: so memory, disk and copies share them.
 */
export class MemoryDiskFile {
  size = 0;
  #sizeOnDisk = 0;
  #cached = new Map<number, Uint8Array>();
  #onDisk = new Map<number, Uint8Array>();
  readonly #dirty = new Set<number>();

  /** A file of its own, all of which is on the disk. */
  copy(): MemoryDiskFile {
    const copy = new MemoryDiskFile();
    copy.size = copy.#sizeOnDisk = this.size;
    copy.#cached = new Map(this.#cached);
    copy.#onDisk = new Map(this.#cached);
    return copy;
  }

  read(into: Uint8Array, position: number): number {
    const length = Math.max(0, Math.min(into.length, this.size - position));
    into.fill(0, 0, length);
    eachSector(position, length, (sector, within, at, bytes) => {
      const cached = this.#cached.get(sector);
      if (cached !== undefined) into.set(cached.subarray(within, within + bytes), at);
    });
    return length;
  }

  write(from: Uint8Array, position: number): void {
    this.size = Math.max(this.size, position + from.length);
    eachSector(position, from.length, (sector, within, at, bytes) => {
      this.#change(sector, (content) => content.set(from.subarray(at, at + bytes), within));
    });
  }

  resize(size: number): void {
    if (size < this.size) {
      const firstGone = Math.ceil(size / sectorBytes);
      for (const sector of this.#cached.keys()) {
        if (sector < firstGone) continue;
        this.#cached.delete(sector);
        this.#dirty.add(sector);
      }
      const within = size % sectorBytes;
      if (within > 0) this.#change(firstGone - 1, (content) => content.fill(0, within));
    }
    this.size = size;
  }

  sync(): void {
    for (const sector of this.#dirty) this.#persist(sector, this.#cached.get(sector));
    this.#dirty.clear();
    this.#sizeOnDisk = this.size;
  }

  /** What Linux does: the pages stay as they are in memory, count as clean, and are not on the disk. */
  failToSync(): void {
    this.#dirty.clear();
  }

  /** Damage on the disk itself, seen at once. */
  overwriteEverywhere(from: Uint8Array, position: number): void {
    this.write(from, position);
    eachSector(position, from.length, (sector) => {
      this.#dirty.delete(sector);
      this.#persist(sector, this.#cached.get(sector));
    });
  }

  /** Forgets what is only in memory. With `random`, some of it had reached the disk already, in any order, torn or not. */
  crash(random?: Random): void {
    if (random !== undefined) {
      for (const sector of this.#dirty) this.#persist(sector, this.#torn(sector, random));
      if (oneOf(random, 2) === 1) this.#sizeOnDisk = this.size;
    }
    this.#dirty.clear();
    this.size = this.#sizeOnDisk;
    for (const sector of this.#onDisk.keys()) {
      if (sector * sectorBytes >= this.size) this.#onDisk.delete(sector);
    }
    const within = this.size % sectorBytes;
    const lastSector = Math.floor(this.size / sectorBytes);
    const last = this.#onDisk.get(lastSector);
    if (within > 0 && last !== undefined) this.#onDisk.set(lastSector, last.slice().fill(0, within));
    this.#cached = new Map(this.#onDisk);
  }

  #torn(sector: number, random: Random): Uint8Array {
    const before = this.#onDisk.get(sector) ?? blank;
    const after = this.#cached.get(sector) ?? blank;
    const outcome = oneOf(random, 4);
    if (outcome === 0) return before;
    if (outcome === 1) return after;
    const torn = before.slice();
    torn.set(after.subarray(0, oneOf(random, sectorBytes)));
    return torn;
  }

  #persist(sector: number, content: Uint8Array | undefined): void {
    if (content === undefined) this.#onDisk.delete(sector);
    else this.#onDisk.set(sector, content);
  }

  #change(sector: number, change: (content: Uint8Array) => void): void {
    const content = (this.#cached.get(sector) ?? blank).slice();
    change(content);
    this.#cached.set(sector, content);
    this.#dirty.add(sector);
  }
}

/** A number from 0 to `limit` - 1. */
export function oneOf(random: Random, limit: number): number {
  const [high = 0, low = 0] = random.bytes(2);
  return ((high << 8) | low) % limit;
}

/** Calls `visit` for each sector of a stretch: where in the sector it begins, where in the stretch, and for how long. */
function eachSector(
  position: number,
  length: number,
  visit: (sector: number, within: number, at: number, bytes: number) => void,
): void {
  for (let at = 0; at < length;) {
    const within = (position + at) % sectorBytes;
    const bytes = Math.min(sectorBytes - within, length - at);
    visit(Math.floor((position + at) / sectorBytes), within, at, bytes);
    at += bytes;
  }
}
