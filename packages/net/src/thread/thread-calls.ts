import { assert } from '@lattice/model';
import type { Connection, PeerAddress } from '@lattice/net-types';
import { type ErrorParts, errorOf, owned, type Post, type Request } from './messages.js';

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

interface Asked<T> {
  readonly call: number;
  readonly answer: Promise<T>;
}

/** What this thread has asked of the one that has the transport, and what it waits for. */
export class ThreadCalls {
  readonly #post: Post<Request>;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor(post: Post<Request>) {
    this.#post = post;
  }

  /** Without an answer. */
  tell(request: Exclude<Request, { readonly call: number }>): void {
    this.#post(request);
  }

  dial(peer: PeerAddress): Asked<Connection> {
    const asked = this.#ask<Connection>();
    this.#post({ do: 'connect', call: asked.call, peer });
    return asked;
  }

  /** The answer is the stream's number. */
  openStream(connection: number): Promise<number> {
    const { call, answer } = this.#ask<number>();
    this.#post({ do: 'openStream', call, connection });
    return answer;
  }

  write(stream: number, bytes: Uint8Array): Promise<void> {
    const { call, answer } = this.#ask<void>();
    const own = owned(bytes);
    this.#post({ do: 'write', call, stream, bytes: own }, [own.buffer]);
    return answer;
  }

  finish(stream: number): Promise<void> {
    const { call, answer } = this.#ask<void>();
    this.#post({ do: 'finish', call, stream });
    return answer;
  }

  settle(call: number, value: unknown): void {
    this.#take(call).resolve(value as never);
  }

  fail(call: number, error: ErrorParts): void {
    this.#take(call).reject(errorOf(error));
  }

  #ask<T>(): Asked<T> {
    const call = ++this.#last;
    const answer = new Promise<T>((resolve, reject) => this.#pending.set(call, { resolve, reject }));
    return { call, answer };
  }

  #take(call: number): Pending {
    const pending = this.#pending.get(call);
    assert(pending, 'each call is answered once');
    this.#pending.delete(call);
    return pending;
  }
}
