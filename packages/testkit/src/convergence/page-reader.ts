import type { ReplicaRig } from './replica-rig.js';

type Pulled<Page> = { readonly page: Page | undefined } | { readonly error: unknown };

/** Reads what is told without an end, page by page, as far as there is any for now. */
export class PageReader<Page> {
  readonly #rig: ReplicaRig;
  readonly #begin: () => AsyncIterable<Page>;
  #pages: AsyncIterator<Page> | undefined;
  #pulling: Promise<Pulled<Page>> | undefined;

  /** `begin`: asks for what is told, anew where it was left or has failed. */
  constructor(rig: ReplicaRig, begin: () => AsyncIterable<Page>) {
    this.#rig = rig;
    this.#begin = begin;
  }

  /** Resolves with nothing when there is nothing more to tell for now, or at all. */
  async pull(): Promise<Page | undefined> {
    this.#pages ??= this.#begin()[Symbol.asyncIterator]();
    let pulled: Pulled<Page> | undefined;
    this.#pulling ??= this.#pages.next().then(
      ({ value, done }) => ({ page: done === true ? undefined : value }),
      (error: unknown) => ({ error }),
    );
    void this.#pulling.then((result) => (pulled = result));
    await this.#rig.time.advance(0);
    if (pulled === undefined) return undefined;
    this.#pulling = undefined;
    if ('page' in pulled) return pulled.page;
    this.#pages = undefined;
    throw pulled.error;
  }

  /** What was about to be told is lost. */
  leave(): void {
    this.#pages = undefined;
    this.#pulling = undefined;
  }
}
