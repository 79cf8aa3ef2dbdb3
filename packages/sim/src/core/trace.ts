import { blake3 } from '@lattice/crypto';
import { toHex, utf8 } from '@lattice/model';

/**
 * What happened, line by line, and a digest of it: two runs that agree on the digest were the same. (Any domain of hashes would
 * do: the digest meets no other hash.)
 */
export class Trace {
  readonly #lines: string[] = [];
  readonly #nowMs: () => number;
  #digest: Uint8Array = new Uint8Array(32);

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** 64 hexadecimal digits. */
  get digest(): string {
    return toHex(this.#digest);
  }

  note(what: string): void {
    const line = `${this.#nowMs().toFixed(3).padStart(12)}  ${what}`;
    this.#lines.push(line);
    this.#digest = blake3('tips', this.#digest, utf8(line));
  }
}
