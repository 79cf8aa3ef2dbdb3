import { concatBytes } from '@lattice/model';
import { MalformedError } from '@lattice/proto';

/** Puts a message together that comes in parts. */
export class Parts {
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The whole message with its last part. Throws `MalformedError`, so that there is no end without one. */
  add(part: Uint8Array, more: boolean): Uint8Array | undefined {
    if (more && part.length === 0) throw new MalformedError('a part of a message has nothing in it');
    this.#bytes += part.length;
    if (this.#bytes > this.#bytesMax) throw new MalformedError(`a message of over ${this.#bytesMax} bytes`);
    this.#parts.push(part);
    if (more) return undefined;
    const whole = concatBytes(...this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    return whole;
  }
}
