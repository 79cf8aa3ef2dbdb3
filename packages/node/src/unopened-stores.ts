import {
  idKey,
  type IdKey,
  LatticeError,
  messageOf,
  type StoreId,
  storeUuid,
  type Timers,
} from '@lattice/model';

/** What keeps a store from being opened (a disk that is full, or fails) may be over soon. */
const retryMs = 30_000;

interface Unopened {
  readonly uuid: string;
  readonly name: string;
  readonly error: unknown;
}

/** Stores that are listed and could not be opened here, and why; they are tried again as long as there are any. */
export class UnopenedStores {
  readonly #timers: Timers;
  readonly #retry: () => void;
  readonly #failures = new Map<IdKey, Unopened>();
  #cancel: (() => void) | undefined;

  constructor(timers: Timers, retry: () => void) {
    this.#timers = timers;
    this.#retry = retry;
  }

  /** To be called for each attempt; `error`: why it failed. */
  note(id: StoreId, name: string, error: unknown): void {
    this.#failures.set(idKey(id), { uuid: storeUuid(id), name, error });
    this.#cancel ??= this.#timers.after(retryMs, () => {
      this.#cancel = undefined;
      this.#retry();
    });
  }

  /** It is open, or listed no more. */
  settle(key: IdKey): void {
    this.#failures.delete(key);
    if (this.#failures.size === 0) this.close();
  }

  keys(): readonly IdKey[] {
    return [...this.#failures.keys()];
  }

  /** Why it is not open; `undefined` where nothing keeps it from being so. */
  failure(id: StoreId): unknown {
    return this.#failures.get(idKey(id))?.error;
  }

  has(uuid: string): boolean {
    return [...this.#failures.values()].some((one) => one.uuid === uuid);
  }

  /** Throws why the store of that name or id is not there, if it is one of these. */
  requireNot(idOrName: string): void {
    const all = [...this.#failures.values()];
    const one = all.find(({ uuid, name }) => uuid === idOrName || name === idOrName);
    if (one) throw new LatticeError(codeOf(one.error), textOf(one), { cause: one.error });
  }

  warnings(): readonly string[] {
    return [...this.#failures.values()].map(textOf);
  }

  /** Nothing is tried any more. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

function textOf({ name, error }: Unopened): string {
  return `The store "${name}" could not be opened here, and is tried again every ${retryMs / 1_000} s. ${messageOf(error)}`;
}

export function codeOf(error: unknown): string {
  return error instanceof LatticeError ? error.code : 'store-unopened';
}
