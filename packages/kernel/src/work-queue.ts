/** A caller's request and how to answer it. */
export interface Pending<Request, Reply> {
  readonly request: Request;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

/** Requests that wait for the one loop that serves them, each with the promise of an answer. */
export class WorkQueue<Request, Reply> {
  readonly #items: Pending<Request, Reply>[] = [];
  #last: Promise<unknown> = Promise.resolve();

  get length(): number {
    return this.#items.length;
  }

  ask(request: Request): Promise<Reply> {
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
    return this.#items.shift();
  }

  /** Takes from the front for as long as `more` says so. */
  takeWhile(more: (request: Request) => boolean): readonly Pending<Request, Reply>[] {
    let count = 0;
    for (const { request } of this.#items) {
      if (!more(request)) break;
      count++;
    }
    return this.#items.splice(0, count);
  }

  rejectAll(error: unknown): void {
    for (const item of this.#items.splice(0)) item.reject(error);
  }
}
