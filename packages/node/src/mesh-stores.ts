import {
  assert,
  type IdKey,
  idKey,
  LatticeError,
  type NodeId,
  type StoreId,
  storeUuid,
  toHex,
} from '@lattice/model';
import { type MeshView, sameRules } from '@lattice/meshstore';
import { AsideStores } from './aside-stores.js';
import type { NodeContext } from './context.js';
import { storeDeleted } from './failures.js';
import { LocalStore, type StoreOwner } from './local-store.js';

/** How often stores that were set aside are looked at: timers stand still while a machine sleeps. */
const asideCheckMs = 60 * 60 * 1000;

/** The stores of a mesh that are open on this node, kept in line with what the mesh store lists. */
export class MeshStores implements AsyncDisposable {
  readonly aside: AsideStores;
  readonly #context: NodeContext;
  readonly #owner: StoreOwner;
  readonly #open = new Map<IdKey, LocalStore>();
  /** Admissions are taken over in the background, since a revocation may mean rebuilding a large state. */
  #adopting: Promise<void> = Promise.resolve();
  /** What opens, closes and frees stores goes one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #cancelCheck: (() => void) | undefined;
  #closed = false;

  constructor(context: NodeContext, owner: StoreOwner) {
    this.#context = context;
    this.#owner = owner;
    this.aside = new AsideStores(context, owner.mesh.uuid);
  }

  all(): readonly LocalStore[] {
    return [...this.#open.values()];
  }

  get(id: StoreId): LocalStore | undefined {
    return this.#open.get(idKey(id));
  }

  /**
   * Closes what is no longer listed and opens what newly is, and has the others count by the new view. `before`: the view
   * that they count by now.
   */
  follow(view: MeshView, before: MeshView | undefined): Promise<readonly LocalStore[]> {
    return this.#inTurn(async () => {
      await this.#closeUnlisted(view, before);
      const opened = await this.#openListed(view);
      await this.#free();
      if (before && !sameRules(before, view)) this.#adopt(view, opened);
      return opened;
    });
  }

  /** Resolves when all stores count by the latest view that was followed. */
  adopted(): Promise<void> {
    return this.#adopting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#cancelCheck?.();
    await this.#turn;
    for (const store of this.all().toReversed()) await store[Symbol.asyncDispose]();
  }

  /** Removes all that is here of stores that are or were listed, from the disk. To be called when it is closed. */
  async removeAll(view: MeshView): Promise<void> {
    const { storage } = this.#context;
    const listed = [...view.stores.values()].map(({ id }) => storeUuid(id));
    const there = new Set(await storage.stores());
    for (const uuid of new Set([...listed, ...this.aside.all().map(({ store }) => store)])) {
      if (there.has(uuid)) await storage.deleteStore(uuid);
      this.aside.absent(uuid);
    }
  }

  async #openListed(view: MeshView): Promise<readonly LocalStore[]> {
    const opened: LocalStore[] = [];
    for (const { id, genesis, removed } of view.stores.values()) {
      if (removed) continue;
      this.aside.listed(storeUuid(id));
      if (this.#open.has(idKey(id)) || this.#closed) continue;
      const store = await LocalStore.open(this.#context, id, genesis, view.admission(id), this.#owner);
      this.#open.set(idKey(id), store);
      opened.push(store);
    }
    return opened;
  }

  async #closeUnlisted(view: MeshView, before: MeshView | undefined): Promise<void> {
    for (const [key, store] of this.#open) {
      const info = view.stores.get(key);
      if (info && !info.removed) continue;
      // From here on nobody finds it any more; then what is under way comes to its end.
      this.#open.delete(key);
      const name = info?.name ?? before?.stores.get(key)?.name ?? '';
      await store.close(storeDeleted(name));
      if (!info) await this.aside.put(store.uuid, name, '');
    }
    const removed = [...view.stores.values()].filter(
      ({ id, removed: isRemoved }) => isRemoved && this.aside.isUnclear(storeUuid(id)),
    );
    if (removed.length === 0) return;
    const there = new Set(await this.#context.storage.stores());
    for (const { id, name, removedBy } of removed) {
      const uuid = storeUuid(id);
      if (there.has(uuid)) await this.aside.put(uuid, name, removedBy ? memberText(view, removedBy) : '');
      else this.aside.absent(uuid);
    }
  }

  /** Frees what is due now, and sees to it that somebody looks again where more will be. */
  async #free(): Promise<void> {
    await this.aside.freeDue();
    this.#cancelCheck?.();
    this.#cancelCheck = undefined;
    if (this.aside.all().length > 0 && !this.#closed) {
      this.#cancelCheck = this.#context.timers.after(asideCheckMs, () => this.#freeLater());
    }
  }

  #freeLater(): void {
    this.#inTurn(() => this.#free()).catch((error: unknown) =>
      this.#context.logger.log('error', 'deleted stores could not be freed', { reason: String(error) }),
    );
  }

  #adopt(view: MeshView, upToDate: readonly LocalStore[]): void {
    const behind = this.all().filter((store) => !upToDate.includes(store));
    const adopting = Promise.all(behind.map((store) => adoptUnlessClosed(store, view)));
    this.#adopting = adopting.then(
      () => undefined,
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        this.#context.logger.log('error', 'a store could not take over who counts', { reason: message });
      },
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

export function requireStore(stores: MeshStores, id: StoreId): LocalStore {
  const store = stores.get(id);
  assert(store, 'a store that was just listed is open');
  return store;
}

/** A store that was deleted in the meantime need not. */
async function adoptUnlessClosed(store: LocalStore, view: MeshView): Promise<void> {
  try {
    await store.replica.setAdmission(view.admission(store.id));
  } catch (error) {
    if (!(error instanceof LatticeError) || error.code !== 'store-closed') throw error;
  }
}

/** What people call a member, or the beginning of its id. */
function memberText(view: MeshView, id: NodeId): string {
  return view.members.get(idKey(id))?.name || toHex(id).slice(0, 8);
}
