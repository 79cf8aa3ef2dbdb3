/**
 * Rejects what is under way as soon as something breaks, whatever it is still waiting for. (`Promise.race` against one
 * long-lived promise would leak with every call.)
 */
export class Breaker {
  readonly #underWay = new Set<(error: Error) => void>();
  #error: Error | undefined;

  /** Why it broke, if it did. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Only the first call counts. */
  break(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    for (const reject of this.#underWay) reject(error);
    this.#underWay.clear();
  }

  /** The outcome of `work`, or the break, whichever comes first. */
  guard<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#error === undefined) this.#underWay.add(reject);
      else reject(this.#error);
      void work.then(resolve, reject).then(() => this.#underWay.delete(reject));
    });
  }
}
