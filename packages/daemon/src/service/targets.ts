import type { Target } from '@lattice/api';
import { LatticeError } from '@lattice/model';
import type { Mesh, Node, Store } from '@lattice/node';

/** The store that `mesh create` makes and that is meant where nothing else is said. */
const mainStore = 'main';

/** The mesh that a request means: the one it names, else the selected one, else the only one. */
export function meshOf(node: Node, wanted: string): Mesh {
  if (wanted !== '') return node.mesh(wanted);
  const selected = node.selection().mesh;
  if (selected !== undefined) return selected;
  const [only, ...others] = node.meshes();
  if (only === undefined)
    throw new LatticeError(
      'no-mesh',
      'This node is in no mesh yet: make one with `mesh create`, or join one with `mesh join <token>`.',
    );
  if (others.length > 0)
    throw new LatticeError('mesh-not-selected', 'No mesh is selected: choose one with `mesh use <id>`.');
  return only;
}

/** The store that a request means: the one it names, else the selected one, else the mesh's obvious one. */
export function storeOf(node: Node, target: Target | undefined): Store {
  const mesh = meshOf(node, target?.mesh ?? '');
  if (target !== undefined && target.store !== '') return mesh.store(target.store);
  const selected = node.selection().store;
  if (selected !== undefined && selected.mesh.uuid === mesh.uuid) return selected;
  const obvious = obviousStore(mesh);
  if (obvious === undefined)
    throw new LatticeError(
      'store-not-selected',
      'No store is selected: choose one with `store use <id>`, or make one with `store create`.',
    );
  return obvious;
}

/** "main", or the only store. */
function obviousStore(mesh: Mesh): Store | undefined {
  const stores = mesh.stores();
  return stores.find(({ name }) => name === mainStore) ?? (stores.length === 1 ? stores[0] : undefined);
}

/** Selects a mesh, and of its stores the obvious one. */
export function selectMesh(node: Node, mesh: Mesh): Store | undefined {
  const store = obviousStore(mesh);
  node.select(mesh, store);
  return store;
}
