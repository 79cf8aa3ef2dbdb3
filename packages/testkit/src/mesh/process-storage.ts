import type {
  LoggedUpTo,
  Log,
  LogItem,
  LogStretch,
  NodeStorage,
  OrderedKv,
  StoreStorage,
} from '@lattice/storage';
import type { Lifeline } from './lifeline.js';

/**
 * A process's hold on its disk. `onStep` is called before each step that lasts: a store made or removed, records appended.
 * The process may be killed there: the step is then not taken.
 */
export class ProcessStorage implements NodeStorage {
  readonly #inner: NodeStorage;
  readonly #life: Lifeline;
  readonly #onStep: () => void;

  constructor(inner: NodeStorage, life: Lifeline, onStep: () => void) {
    this.#inner = inner;
    this.#life = life;
    this.#onStep = onStep;
  }

  get location(): string {
    return this.#inner.location;
  }

  get repairs(): readonly string[] {
    return this.#inner.repairs;
  }

  get meta(): OrderedKv {
    return this.#inner.meta;
  }

  identitySeed(fresh: () => Uint8Array): Promise<Uint8Array> {
    return this.#life.hold(this.#inner.identitySeed(fresh));
  }

  successorSeed(nodeId: string, fresh: () => Uint8Array): Promise<Uint8Array> {
    return this.#step(() => this.#inner.successorSeed(nodeId, fresh));
  }

  succeed(): Promise<void> {
    return this.#step(() => this.#inner.succeed());
  }

  suspectedCopy(nodeId: string): ReturnType<NodeStorage['suspectedCopy']> {
    return this.#life.hold(this.#inner.suspectedCopy(nodeId));
  }

  settleHere(nodeId: string): Promise<void> {
    return this.#step(() => this.#inner.settleHere(nodeId));
  }

  stores(): Promise<readonly string[]> {
    return this.#life.hold(this.#inner.stores());
  }

  async createStore(uuid: string, genesis: Uint8Array): Promise<StoreStorage> {
    return this.#wrap(await this.#step(() => this.#inner.createStore(uuid, genesis)));
  }

  async openStore(uuid: string, loggedUpTo?: LoggedUpTo): Promise<StoreStorage> {
    return this.#wrap(await this.#life.hold(this.#inner.openStore(uuid, loggedUpTo)));
  }

  storeGenesis(uuid: string): Promise<Uint8Array> {
    return this.#life.hold(this.#inner.storeGenesis(uuid));
  }

  storeBytes(uuid: string): Promise<number> {
    return this.#life.hold(this.#inner.storeBytes(uuid));
  }

  deleteStore(uuid: string): Promise<void> {
    return this.#step(() => this.#inner.deleteStore(uuid));
  }

  backUp(...given: Parameters<NodeStorage['backUp']>): ReturnType<NodeStorage['backUp']> {
    return this.#life.hold(this.#inner.backUp(...given));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  #wrap(store: StoreStorage): StoreStorage {
    const log = new ProcessLog(store.log, (work) => this.#step(work));
    return {
      genesis: store.genesis,
      log,
      state: store.state,
      repairs: store.repairs,
      get stateBytes() {
        return store.stateBytes;
      },
      keepCheckpoint: () => this.#life.hold(store.keepCheckpoint()),
      dropCheckpoint: () => this.#step(() => store.dropCheckpoint()),
      openScratch: () => this.#life.hold(store.openScratch()),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  }

  #step<T>(work: () => Promise<T>): Promise<T> {
    this.#onStep();
    return this.#life.hasEnded ? new Promise<T>(() => undefined) : this.#life.hold(work());
  }
}

class ProcessLog implements Log {
  readonly #inner: Log;
  readonly #step: <T>(work: () => Promise<T>) => Promise<T>;

  constructor(inner: Log, step: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#inner = inner;
    this.#step = step;
  }

  get end(): number {
    return this.#inner.end;
  }

  append(records: readonly Uint8Array[]): Promise<readonly number[]> {
    return this.#step(() => this.#inner.append(records));
  }

  read(offset: number, into?: Uint8Array): Uint8Array {
    return this.#inner.read(offset, into);
  }

  scan(from: number): Iterable<LogItem> {
    return this.#inner.scan(from);
  }

  mend(stretch: LogStretch): Promise<void> {
    return this.#step(() => this.#inner.mend(stretch));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}
