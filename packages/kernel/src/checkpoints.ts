import { type Bundle, LatticeError, type Logger } from '@lattice/model';
import type { StoreStorage } from '@lattice/storage';
import type { StoreState } from './ingest.js';

/** How much may be replayed after a crash of the machine before the state is copied again. */
export interface CheckpointPolicy {
  readonly entries: number;
  /** Of payloads. */
  readonly bytes: number;
  /**
   * However large the state: so many times what came since the last copy may be copied at once. Else the cost of each write
   * would grow with all that was written before.
   */
  readonly copiedPerWritten: number;
}

/** About a second's replay, or the eighth part of the state. */
const defaultPolicy: CheckpointPolicy = { entries: 60_000, bytes: 16 * 1024 * 1024, copiedPerWritten: 8 };

/** Keeps copies of a store's state in the background, so that a crash of the machine costs a short replay and not all of it. */
export class Checkpoints {
  readonly #storage: StoreStorage;
  readonly #logger: Logger;
  readonly #policy: CheckpointPolicy;
  #making: Promise<void> | undefined;
  /** Up to where the last copy goes, or the last attempt. */
  #doneRef: number | undefined;
  #bytes = 0;
  #closed = false;

  constructor(storage: StoreStorage, logger: Logger, policy: CheckpointPolicy = defaultPolicy) {
    this.#storage = storage;
    this.#logger = logger;
    this.#policy = policy;
  }

  /** To be called after each bundle that the state has come to hold; costs next to nothing. */
  note(bundle: Bundle, state: StoreState): void {
    for (const { payload } of bundle.entries) this.#bytes += payload.length;
    if (!this.#making && this.#isDue(state)) this.#making = this.#make(state);
  }

  /** Forgets the copy there is: the state is about to be one that does not go on from it. */
  async drop(): Promise<void> {
    await this.#making;
    await this.#storage.dropCheckpoint();
    this.#doneRef = 0;
  }

  /** Resolves when nothing is being copied any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#making;
  }

  #isDue({ dag, meta }: StoreState): boolean {
    const { entries, bytes, copiedPerWritten } = this.#policy;
    this.#doneRef ??= meta.number('checkpoint') ?? 0;
    const fresh = dag.nextRef - this.#doneRef;
    const enough =
      fresh >= Math.max(entries, dag.nextRef / copiedPerWritten) ||
      (this.#bytes >= bytes && this.#bytes * copiedPerWritten >= this.#storage.stateBytes);
    return enough && !this.#closed && meta.number('recounting') === undefined;
  }

  async #make({ dag, meta, kv }: StoreState): Promise<void> {
    const ref = dag.nextRef;
    this.#bytes = 0;
    try {
      await this.#storage.keepCheckpoint();
      kv.transaction(() => meta.setNumber('checkpoint', ref));
    } catch (error) {
      // Only time is lost by it; the next attempt is made when as much has come again.
      const reason = error instanceof LatticeError ? error.message : String(error);
      this.#logger.log('warn', 'no checkpoint of a state could be kept', { reason });
    }
    this.#doneRef = ref;
    this.#making = undefined;
  }
}
