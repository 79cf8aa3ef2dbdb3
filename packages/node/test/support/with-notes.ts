import { meshOf, meshOn, type Nodes, put } from './nodes.js';

/** A mesh with a second store "notes" of some size, which all have. */
export async function withNotes(first: string, others: readonly string[]): Promise<Nodes> {
  const mesh = await meshOf(first, others);
  await mesh.run(meshOn(mesh, first).createStore({ name: 'notes' }));
  for (let i = 0; i < 5; i++) await put(mesh, first, `key ${i}`, 'x'.repeat(3_000), 'notes');
  await mesh.settle();
  return mesh;
}

/** Of the stores that a node lists, in order. */
export function namesOn(mesh: Nodes, name: string): readonly string[] {
  return meshOn(mesh, name)
    .stores()
    .map((store) => store.name)
    .toSorted((a, b) => (a < b ? -1 : 1));
}

export function isOnDisk(mesh: Nodes, name: string, uuid: string): boolean {
  return mesh.machine(name).disk.stores.has(uuid);
}

/** With what it fails: "none" where it succeeds. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}
