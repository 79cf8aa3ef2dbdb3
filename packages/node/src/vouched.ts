import { concatBytes, idKey, type IdKey, LatticeError, type NodeId, type StoreId } from '@lattice/model';
import type { Member, MeshView } from '@lattice/meshstore';
import type { OrderedKv, Table } from '@lattice/storage';

/**
 * Whom this node takes for members of a mesh where the mesh store does not say so: those that a token names, until it is
 * there; and, where damage has lost part of its log, those that this node remembers as members. Without them a node that has lost
 * what says who is one would ask nobody for it. Whoever the mesh store, as far as it is there, says something of is what it says.
 */
export class Vouched {
  readonly #kv: OrderedKv;
  readonly #table: Table;
  readonly #mesh: StoreId;
  readonly #named = new Set<IdKey>();
  readonly #remembered = new Map<IdKey, NodeId>();
  #view: MeshView | undefined;

  constructor(kv: OrderedKv, mesh: StoreId) {
    this.#kv = kv;
    this.#table = kv.table('members');
    this.#mesh = mesh;
  }

  /** By the token that this node joins with. */
  nameAll(nodes: readonly NodeId[]): void {
    for (const node of nodes) this.#named.add(idKey(node));
  }

  has(node: NodeId): boolean {
    return this.#named.has(idKey(node)) || (this.#remembered.has(idKey(node)) && !this.#isToldOf(node));
  }

  /** Those to ask for what is lost. */
  remembered(): readonly NodeId[] {
    return [...this.#remembered.values()].filter((node) => !this.#isToldOf(node));
  }

  /** `isWhole`: nothing of the mesh store's log is lost. Else what it says of members is no more than what is remembered. */
  follow(
    view: MeshView,
    { isJoined, isWhole }: { readonly isJoined: boolean; readonly isWhole: boolean },
  ): void {
    this.#view = view;
    if (isJoined) this.#named.clear();
    this.#remembered.clear();
    if (isWhole) this.#remember([...view.members.values()].filter(({ status }) => status === 'member'));
    else for (const node of this.#noted()) this.#remembered.set(idKey(node), node);
  }

  /** When the mesh is this node's no more. */
  forget(): void {
    this.#remember([]);
  }

  #isToldOf(node: NodeId): boolean {
    return this.#view?.members.has(idKey(node)) === true;
  }

  *#noted(): Iterable<NodeId> {
    const idBytes = this.#mesh.length;
    const lt = concatBytes(this.#mesh, new Uint8Array(idBytes + 1).fill(0xff));
    for (const [key] of this.#table.range({ gte: this.#mesh, lt })) yield key.slice(idBytes) as NodeId;
  }

  /** What the disk has no room for is not remembered. */
  #remember(members: readonly Pick<Member, 'nodeId'>[]): void {
    const now = new Map(members.map(({ nodeId }) => [idKey(nodeId), nodeId]));
    const gone: NodeId[] = [];
    for (const node of this.#noted()) if (!now.delete(idKey(node))) gone.push(node);
    if (now.size + gone.length === 0) return;
    try {
      this.#kv.transaction(() => {
        for (const node of now.values()) this.#table.put(this.#keyOf(node), new Uint8Array(0));
        for (const node of gone) this.#table.remove(this.#keyOf(node));
      });
    } catch (error) {
      if (!(error instanceof LatticeError)) throw error;
    }
  }

  #keyOf(node: NodeId): Uint8Array {
    return concatBytes(this.#mesh, node);
  }
}
