import { assert, type IdKey, idKey, type StoreId } from '@lattice/model';
import { type MeshView, sameRules } from '@lattice/meshstore';
import type { NodeContext } from './context.js';
import { LocalStore, type StoreOwner } from './local-store.js';

/** The stores of a mesh that are open on this node, kept in line with what the mesh store lists. */
export class MeshStores implements AsyncDisposable {
  readonly #context: NodeContext;
  readonly #owner: StoreOwner;
  readonly #open = new Map<IdKey, LocalStore>();
  /** Admissions are taken over in the background, since a revocation may mean rebuilding a large state. */
  #adopting: Promise<void> = Promise.resolve();

  constructor(context: NodeContext, owner: StoreOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  all(): readonly LocalStore[] {
    return [...this.#open.values()];
  }

  get(id: StoreId): LocalStore | undefined {
    return this.#open.get(idKey(id));
  }

  /** Opens what is newly listed, and has the others count by the new view. `before`: the view that they count by now. */
  async follow(view: MeshView, before: MeshView | undefined): Promise<readonly LocalStore[]> {
    const opened: LocalStore[] = [];
    for (const info of view.stores.values()) {
      if (info.removed || this.#open.has(idKey(info.id))) continue;
      const store = await LocalStore.open(
        this.#context,
        info.id,
        info.genesis,
        view.admission(info.id),
        this.#owner,
      );
      this.#open.set(idKey(info.id), store);
      opened.push(store);
    }
    if (before && !sameRules(before, view)) this.#adopt(view, opened);
    return opened;
  }

  /** Resolves when all stores count by the latest view that was followed. */
  adopted(): Promise<void> {
    return this.#adopting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of [...this.#open.values()].reverse()) await store[Symbol.asyncDispose]();
  }

  #adopt(view: MeshView, upToDate: readonly LocalStore[]): void {
    const behind = this.all().filter((store) => !upToDate.includes(store));
    const adopting = Promise.all(behind.map((store) => store.replica.setAdmission(view.admission(store.id))));
    this.#adopting = adopting.then(
      () => undefined,
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        this.#context.logger.log('error', 'a store could not take over who counts', { reason: message });
      },
    );
  }
}

export function requireStore(stores: MeshStores, id: StoreId): LocalStore {
  const store = stores.get(id);
  assert(store, 'a store that was just listed is open');
  return store;
}
