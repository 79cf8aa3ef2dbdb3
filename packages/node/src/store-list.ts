import { genesisRandomBytes, LatticeError, type Random, type StoreId } from '@lattice/model';
import { checkName, type CreateStoreOp, storeGenesis } from '@lattice/meshstore';
import { isStoreType } from '@lattice/proto';
import type { LocalStore } from './local-store.js';
import { requireMachine } from './machines.js';
import type { Membership } from './membership.js';
import { type MeshStores, requireMade } from './mesh-stores.js';

export interface StoreListOptions {
  readonly mesh: StoreId;
  readonly random: Random;
  readonly membership: Membership;
  readonly stores: MeshStores;
  /** Throws `not-a-member`. */
  readonly requireMember: () => void;
}

/** What this node does to the list of a mesh's stores. */
export class StoreList {
  readonly #options: StoreListOptions;

  constructor(options: StoreListOptions) {
    this.#options = options;
  }

  async create(type: string, name: string | undefined): Promise<LocalStore> {
    const { membership, requireMember } = this.#options;
    requireMember();
    if (!isStoreType(type))
      throw new LatticeError('store-type-invalid', `"${type}" is no store type: use one such as "kv".`);
    requireMachine(type);
    const op = this.newStore(type, this.#checkName(name ?? this.#freeName(type)));
    await membership.write(op);
    return this.made(op);
  }

  /** The store that this node has had made with that. Throws as `requireMade` does. */
  made(op: CreateStoreOp): LocalStore {
    const { mesh, membership, stores, requireMember } = this.#options;
    const { id } = storeGenesis(mesh, op);
    return requireMade(stores, membership.view, { id, name: op.name }, requireMember);
  }

  async rename(store: LocalStore, name: string): Promise<void> {
    const { membership, requireMember } = this.#options;
    requireMember();
    if (name === store.name) return;
    await membership.write({ kind: 'nameStore', store: store.id, name: this.#checkName(name) });
  }

  /** Resolves with how much it had on disk: that is freed as the list changes or, if that fails or is cut off, later. */
  async delete({ id, uuid, name }: LocalStore): Promise<number> {
    const { membership, stores, requireMember } = this.#options;
    requireMember();
    try {
      stores.aside.intend(uuid, name);
      await membership.write({ kind: 'removeStore', store: id });
    } finally {
      stores.aside.settle(uuid);
      if (stores.get(id)) stores.aside.listed(uuid);
    }
    return stores.aside.freedBytes(uuid);
  }

  newStore(type: string, name: string): CreateStoreOp {
    return { kind: 'createStore', type, random: this.#options.random.bytes(genesisRandomBytes), name };
  }

  #checkName(name: string): string {
    checkName(name);
    if (!this.#names().has(name)) return name;
    const message = `There is a store "${name}" in this mesh already: choose another name.`;
    throw new LatticeError('store-name-taken', message);
  }

  #freeName(type: string): string {
    const taken = this.#names();
    let number = 1;
    while (taken.has(`${type}-${number}`)) number++;
    return `${type}-${number}`;
  }

  #names(): ReadonlySet<string> {
    return new Set(this.#options.stores.all().map((store) => store.name));
  }
}
