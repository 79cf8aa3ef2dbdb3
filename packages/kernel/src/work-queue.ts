/** A caller's request and how to answer it. */
export interface Pending<Request, Reply> {
  readonly request: Request;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

/** Requests that wait for the one loop that serves them, each with the promise of an answer. */
export class WorkQueue<Request, Reply> {
  readonly #items: Pending<Request, Reply>[] = [];
  readonly #bytesOf: (request: Request) => number;
  #last: Promise<unknown> = Promise.resolve();
  #bytes = 0;

  constructor(bytesOf: (request: Request) => number = () => 0) {
    this.#bytesOf = bytesOf;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Of all requests that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  ask(request: Request): Promise<Reply> {
    this.#bytes += this.#bytesOf(request);
    const reply = new Promise<Reply>((resolve, reject) => {
      this.#items.push({ request, resolve, reject });
    });
    this.#last = reply;
    return reply;
  }

  /** Resolves when all that was asked until now is answered: in order, so the last of it tells. */
  async answered(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  shift(): Pending<Request, Reply> | undefined {
    return this.#taken(1)[0];
  }

  /** Takes from the front for as long as `more` says so. */
  takeWhile(more: (request: Request) => boolean): readonly Pending<Request, Reply>[] {
    let count = 0;
    for (const { request } of this.#items) {
      if (!more(request)) break;
      count++;
    }
    return this.#taken(count);
  }

  rejectAll(error: unknown): void {
    for (const item of this.#taken(this.#items.length)) item.reject(error);
  }

  #taken(count: number): readonly Pending<Request, Reply>[] {
    const taken = this.#items.splice(0, count);
    for (const { request } of taken) this.#bytes -= this.#bytesOf(request);
    return taken;
  }
}
