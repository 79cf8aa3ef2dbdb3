import type { Stream } from '@lattice/net-types';
import { owned, partsOf, type Post, type Tidings } from './messages.js';

/** A stream of this thread's transport, for whoever uses it in another one. */
export class StreamHost {
  readonly #id: number;
  readonly #stream: Stream;
  readonly #post: Post<Tidings>;
  readonly #forget: () => void;
  #reads: Promise<void> = Promise.resolve();
  #sentAll = false;
  #readAll = false;

  constructor(id: number, stream: Stream, post: Post<Tidings>, forget: () => void) {
    this.#id = id;
    this.#stream = stream;
    this.#post = post;
    this.#forget = forget;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#stream.write(bytes);
  }

  async finish(): Promise<void> {
    await this.#stream.finish();
    this.#sentAll = true;
    this.#forgetIfOver();
  }

  /** Reads one more piece, once those that were asked for before are read. */
  read(): void {
    this.#reads = this.#reads.then(() => this.#readOne());
  }

  reset(): void {
    this.#stream.reset();
    this.#forget();
  }

  async #readOne(): Promise<void> {
    if (this.#readAll) return;
    try {
      const bytes = await this.#stream.read();
      const piece = bytes && owned(bytes);
      this.#post({ is: 'bytes', stream: this.#id, bytes: piece }, piece ? [piece.buffer] : []);
      this.#readAll = !piece;
      this.#forgetIfOver();
    } catch (error) {
      this.#readAll = true;
      this.#post({ is: 'broken', stream: this.#id, error: partsOf(error) });
      this.#forget();
    }
  }

  #forgetIfOver(): void {
    if (this.#sentAll && this.#readAll) this.#forget();
  }
}
