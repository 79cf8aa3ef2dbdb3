import { type Notice, toHex } from '@lattice/model';

/** Keys that came to have several heads. */
export interface Conflicts {
  /** The first of them, at most `keysMax`. */
  readonly keys: readonly Uint8Array[];
  /** How many. */
  readonly count: number;
}

const keysMax = 8;

/** Gathers what one commit brought about. Each key counts once; a commit is small, and so is what it can say. */
export class ConflictCollector implements Conflicts {
  readonly keys: Uint8Array[] = [];
  readonly #seen = new Set<string>();

  get count(): number {
    return this.#seen.size;
  }

  readonly tell = ({ key }: Notice): void => {
    const name = toHex(key);
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    // A copy: the key lies in a bundle that is not to be kept for it.
    if (this.keys.length < keysMax) this.keys.push(key.slice());
  };
}
