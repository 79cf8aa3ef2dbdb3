/** Calls of the binding that this thread has made and that are not answered yet. */
class Unanswered {
  #count = 0;
  readonly #waiting: (() => void)[] = [];

  add(call: Promise<unknown>): void {
    this.#count++;
    const answered = () => {
      this.#count--;
      if (this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    };
    call.then(answered, answered);
  }

  /** Resolves when there are none. */
  none(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

const prompt = new Unanswered();
const slow = new Unanswered();

/**
 * To be put around every call of the binding that is answered later, once what it is about is closed at the latest. An answer
 * for a thread that has ended aborts the process, whatever the process does by then.
 */
export function asked<T>(call: Promise<T>): Promise<T> {
  prompt.add(call);
  return call;
}

/** The same for one that takes seconds where somebody else does not answer, and cannot be cancelled. */
export function askedAtLength<T>(call: Promise<T>): Promise<T> {
  slow.add(call);
  return call;
}

/** Resolves when the binding has answered all that was `asked`, but for what may take seconds. */
export function promptlyAnswered(): Promise<void> {
  return prompt.none();
}

/** Resolves when it has answered everything: then the thread may end. */
export async function allAnswered(): Promise<void> {
  await slow.none();
  await prompt.none();
}
