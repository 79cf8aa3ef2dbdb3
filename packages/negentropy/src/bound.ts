import { NegentropyError } from './errors.js';
import { idBytes, infinity } from './item.js';
import type { ItemSet } from './item-set.js';
import type { MessageReader } from './message-reader.js';
import type { MessageWriter } from './message-writer.js';

/** Where a range ends and the next begins: the items before it are those of a lesser timestamp, or of the same and a lesser id. */
export interface Bound {
  readonly timestamp: bigint;
  /** The beginning of an id, 0 to 32 bytes; what is left out are zeros. */
  readonly prefix: Uint8Array;
}

const noPrefix = new Uint8Array(0);

export const end: Bound = { timestamp: infinity, prefix: noPrefix };

/** The shortest bound that has the item before `index` before it, and the one at `index` behind it. */
export function boundBetween(items: ItemSet, index: number): Bound {
  const timestamp = items.timestamp(index);
  if (timestamp !== items.timestamp(index - 1)) return { timestamp, prefix: noPrefix };
  const [before, id] = [items.id(index - 1), items.id(index)];
  const shared = id.findIndex((byte, i) => byte !== before[i]);
  return { timestamp, prefix: id.slice(0, shared + 1) };
}

/** The bound that has the item at `index` just behind it. */
export function boundAt(items: ItemSet, index: number): Bound {
  return { timestamp: items.timestamp(index), prefix: items.id(index) };
}

/** Reads the bounds of one message, each timestamp of which is given by its distance to the one before. */
export class BoundReader {
  #last = 0n;

  read(message: MessageReader): Bound {
    const encoded = message.varint();
    const timestamp = encoded === 0n ? infinity : this.#last + encoded - 1n;
    this.#last = timestamp < infinity ? timestamp : infinity;
    const length = message.count(1);
    if (length > idBytes)
      throw new NegentropyError('malformed', `a prefix of ${length} bytes, of an id that has 32`);
    return { timestamp: this.#last, prefix: message.bytes(length) };
  }
}

/** Writes the bounds of one message, which grow. */
export class BoundWriter {
  #last = 0n;

  write(message: MessageWriter, { timestamp, prefix }: Bound): void {
    message.varint(timestamp === infinity ? 0n : timestamp - this.#last + 1n);
    this.#last = timestamp;
    message.varint(prefix.length).bytes(prefix);
  }
}
