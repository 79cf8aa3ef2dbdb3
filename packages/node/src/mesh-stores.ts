import {
  idKey,
  type IdKey,
  LatticeError,
  messageOf,
  type NodeId,
  type StoreId,
  storeUuid,
  toHex,
} from '@lattice/model';
import { type MeshView, sameRules } from '@lattice/meshstore';
import { asideCheckMs, AsideStores } from './aside-stores.js';
import type { NodeContext } from './context.js';
import { storeDeleted } from './failures.js';
import { storesOf } from './found-store.js';
import { LocalStore, type StoreOwner } from './local-store.js';
import { codeOf, UnopenedStores } from './unopened-stores.js';

/** The stores of a mesh that are open on this node, kept in line with what the mesh store lists. */
export class MeshStores implements AsyncDisposable {
  readonly aside: AsideStores;
  readonly unopened: UnopenedStores;
  readonly #context: NodeContext;
  readonly #owner: StoreOwner;
  readonly #onOpened: (stores: readonly LocalStore[]) => void;
  readonly #open = new Map<IdKey, LocalStore>();
  /** Those of them that nobody was told of yet. */
  readonly #opened: LocalStore[] = [];
  /** The one that was followed last. */
  #view: MeshView | undefined;
  /** Admissions are taken over in the background, since a revocation may mean rebuilding a large state. */
  #adopting: Promise<void> = Promise.resolve();
  /** What opens, closes and frees stores goes one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #cancelCheck: (() => void) | undefined;
  #closed = false;

  /** `onOpened` is called with what could be opened at last, where following a view could not. */
  constructor(context: NodeContext, owner: StoreOwner, onOpened: (stores: readonly LocalStore[]) => void) {
    this.#context = context;
    this.#owner = owner;
    this.#onOpened = onOpened;
    this.unopened = new UnopenedStores(context.timers, () => this.#retryOpening());
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
   * that they count by now. What the disk refuses keeps nothing else from happening: a store that could not be opened is
   * in `unopened`, and tried again. Resolves with what was opened.
   */
  follow(view: MeshView, before: MeshView | undefined): Promise<readonly LocalStore[]> {
    return this.#inTurn(async () => {
      const unlisted = this.#takeUnlisted(view);
      const others = this.all();
      await this.#openListed(view);
      if (before && !sameRules(before, view)) this.#adopt(view, others);
      for (const store of unlisted) await this.#closeUnlisted(store, view, before);
      await this.#orLater(() => this.#setRemovedAside(view));
      await this.#free();
      return this.#takeOpened();
    });
  }

  /** Sets aside what is found on the disk of a store of this mesh that nobody lists: a crash came before it was noted. */
  takeStray(uuid: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.aside.has(uuid) || this.all().some((store) => store.uuid === uuid)) return;
      // It is listed, and only could not be opened.
      if (this.unopened.has(uuid)) return;
      await this.#orLater(() => this.aside.put(uuid, uuid.slice(0, 8), ''));
      await this.#free();
    });
  }

  /** Resolves when all stores count by the latest view that was followed. */
  adopted(): Promise<void> {
    return this.#adopting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#cancelCheck?.();
    this.unopened.close();
    await this.#turn;
    for (const store of this.all().toReversed()) await store[Symbol.asyncDispose]();
  }

  /** Removes all that is here of stores of the mesh from the disk, whether they are listed or not. To be called when it is closed. */
  async removeAll(): Promise<void> {
    const { storage } = this.#context;
    for (const uuid of await storesOf(storage, this.#owner.mesh.uuid)) await storage.deleteStore(uuid);
    for (const { store } of this.aside.all()) this.aside.absent(store);
  }

  async #openListed(view: MeshView): Promise<void> {
    this.#view = view;
    for (const key of this.unopened.keys())
      if (view.stores.get(key)?.removed !== false) this.unopened.settle(key);
    for (const { id, name, genesis, removed } of view.stores.values()) {
      if (removed) continue;
      await this.#orLater(() => this.aside.listed(storeUuid(id)));
      if (this.#open.has(idKey(id)) || this.#closed) continue;
      try {
        const store = await LocalStore.open(this.#context, id, genesis, view.admission(id), this.#owner);
        this.#open.set(idKey(id), store);
        this.#opened.push(store);
        this.unopened.settle(idKey(id));
      } catch (error) {
        if (!this.unopened.failure(id)) this.#tellUnopened(name, error);
        if (!this.#closed) this.unopened.note(id, name, error);
      }
    }
  }

  #retryOpening(): void {
    void this.#inTurn(async () => {
      if (this.#view && !this.#closed) await this.#openListed(this.#view);
      const opened = this.#takeOpened();
      if (opened.length > 0) this.#onOpened(opened);
    });
  }

  #takeOpened(): readonly LocalStore[] {
    return this.#opened.splice(0).filter((store) => this.get(store.id) === store);
  }

  #tellUnopened(name: string, error: unknown): void {
    const message = 'a store could not be opened, and will be tried again';
    this.#context.logger.log('error', message, { store: name, reason: messageOf(error) });
  }

  /** Those that are open and no longer listed: from here on nobody finds them any more. */
  #takeUnlisted(view: MeshView): readonly LocalStore[] {
    const isListed = (store: LocalStore) => view.stores.get(idKey(store.id))?.removed === false;
    const unlisted = this.all().filter((store) => !isListed(store));
    for (const store of unlisted) this.#open.delete(idKey(store.id));
    return unlisted;
  }

  /** What is under way there comes to its end. */
  async #closeUnlisted(store: LocalStore, view: MeshView, before: MeshView | undefined): Promise<void> {
    const key = idKey(store.id);
    const info = view.stores.get(key);
    const name = info?.name ?? before?.stores.get(key)?.name ?? '';
    // Nothing else tells of it, should a crash come in between.
    if (!info) await this.#orLater(() => this.aside.put(store.uuid, name, ''));
    await this.#orLater(() => store.close(storeDeleted(name)));
  }

  async #setRemovedAside(view: MeshView): Promise<void> {
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
    this.#cancelCheck?.();
    this.#cancelCheck = undefined;
    await this.#orLater(() => this.aside.freeDue());
    if (this.aside.all().length > 0 && !this.#closed) {
      this.#cancelCheck = this.#context.timers.after(asideCheckMs, () => this.#freeLater());
    }
  }

  #freeLater(): void {
    void this.#inTurn(() => this.#free());
  }

  /** What is kept of stores that are off the list is no reason to stop: what cannot be done now is done later. */
  async #orLater(work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#context.logger.log('error', 'stores that are off the list could not be put in order', {
        reason: String(error),
      });
    }
  }

  #adopt(view: MeshView, behind: readonly LocalStore[]): void {
    const adopting = Promise.all(behind.map((store) => adoptUnlessClosed(store, view)));
    this.#adopting = adopting.then(
      () => undefined,
      (error: unknown) => {
        const message = messageOf(error);
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

/**
 * A store that this node has just had listed, in that view unless somebody has seen to it since. `requireMember`: throws where
 * this node is none any more.
 */
export function requireMade(
  stores: MeshStores,
  view: MeshView,
  { id, name }: { readonly id: StoreId; readonly name: string },
  requireMember: () => void,
): LocalStore {
  const store = stores.get(id);
  if (store) return store;
  const removedBy = view.stores.get(idKey(id))?.removedBy;
  if (removedBy) {
    const message = `The store "${name}" was made, and while this machine was at it, "${memberText(view, removedBy)}" has deleted it.`;
    throw new LatticeError('store-deleted', message);
  }
  const error = stores.unopened.failure(id);
  if (error === undefined) {
    requireMember();
    throw new LatticeError('store-not-listed', notListed(name));
  }
  const message = `The store "${name}" is listed now, and is made here as soon as the disk allows. ${messageOf(error)}`;
  throw new LatticeError(codeOf(error), message, { cause: error });
}

/** What this node writes counts nowhere: it was revoked in the meantime. */
function notListed(name: string): string {
  return (
    `The store "${name}" was not made, since what this node writes does not count: see "mesh peers" for whether it is a ` +
    'member still, and try again.'
  );
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
