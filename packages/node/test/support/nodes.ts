import assert from 'node:assert/strict';
import { blake3 } from '@lattice/crypto';
import type { Replica } from '@lattice/kernel';
import type { Logger, NodeId } from '@lattice/model';
import { type Mesh, type Node, type NodeEvent, openNode, type Store } from '@lattice/node';
import { type Holdings, MeshHarness, type MeshHarnessOptions } from '@lattice/testkit';

export type Nodes = MeshHarness<Node>;

export interface NodesOptions extends Partial<MeshHarnessOptions<Node>> {
  /** Whether each node goes on the network as soon as it is open; so if not said otherwise. */
  readonly online?: boolean;
}

/** Nodes in one process, on one network. Set `LATTICE_LOG` to see what they say. */
export function nodes(options: NodesOptions = {}): Nodes {
  return new MeshHarness<Node>({
    open: async (ports) => {
      const node = await openNode({ ...ports, version: 'test' });
      if (options.online ?? true) await node.startNetwork();
      return node;
    },
    holdingsOf,
    ...(process.env.LATTICE_LOG ? { logger: consoleLogger } : {}),
    ...options,
  });
}

/** Starts `first`, which makes a mesh, and the others, which join it; resolves when all hold the same. */
export async function meshOf(
  first: string,
  others: readonly string[],
  options: NodesOptions = {},
): Promise<Nodes> {
  const mesh = nodes(options);
  const node = await mesh.start(first);
  await mesh.run(node.createMesh({ name: 'home' }));
  for (const other of others) {
    await mesh.start(other);
    await join(mesh, other, first);
  }
  await mesh.settle();
  return mesh;
}

/** Has `joiner` join the first mesh of `inviter`. */
export async function join(mesh: Nodes, joiner: string, inviter: string): Promise<Mesh> {
  return mesh.run(mesh.node(joiner).joinMesh(await invite(mesh, inviter)));
}

/** A token for the first mesh of that node. */
export async function invite(mesh: Nodes, inviter: string): Promise<string> {
  return (await mesh.run(meshOn(mesh, inviter).createInvite())).token;
}

/** The mesh that a node is in, where it is in one. */
export function meshOn(mesh: Nodes, name: string): Mesh {
  const [first] = mesh.node(name).meshes();
  if (!first) throw new Error(`node ${name} is in no mesh`);
  return first;
}

/** How somebody names the first mesh of that member to it. */
export function tagOf(mesh: Nodes, member: string, from: NodeId): Uint8Array {
  return blake3('mesh-tag', meshOn(mesh, member).id, from, mesh.machine(member).nodeId).subarray(0, 16);
}

/** A store of the first mesh of that node. */
export function storeOn(mesh: Nodes, name: string, store = 'main'): Store {
  return meshOn(mesh, name).store(store);
}

export async function put(
  mesh: Nodes,
  name: string,
  key: string,
  value: string,
  store = 'main',
): Promise<void> {
  await mesh.run(storeOn(mesh, name, store).kv().put(bytes(key), bytes(value)));
}

export function get(mesh: Nodes, name: string, key: string, store = 'main'): string | undefined {
  const found = meshOn(mesh, name)
    .stores()
    .find((one) => one.name === store);
  const item = found?.kv().get(bytes(key));
  return item && text(item.value);
}

/** All of a store: values, and of conflicted keys all heads, the winner first. */
export function contents(
  mesh: Nodes,
  name: string,
  store = 'main',
): Record<string, string | (string | undefined)[]> {
  const kv = storeOn(mesh, name, store).kv();
  const items = [...kv.list()].map(({ key, value, conflicted }) => {
    const heads = kv.heads(key).map((head) => head.value && text(head.value));
    return [text(key), conflicted ? heads : text(value)] as const;
  });
  return Object.fromEntries(items);
}

/** The values of all heads of a key, sorted; "deleted" for what deletes it. */
export function headsOf(mesh: Nodes, name: string, key: string): readonly string[] {
  const heads = storeOn(mesh, name).kv().heads(bytes(key));
  return heads.map(({ value }) => (value ? text(value) : 'deleted')).toSorted((a, b) => (a < b ? -1 : 1));
}

/** That these nodes see the same in all stores of their first mesh. */
export function assertSameContents(mesh: Nodes, names: readonly string[]): void {
  const [first = ''] = names;
  for (const { uuid } of meshOn(mesh, first).stores()) {
    const expected = contents(mesh, first, uuid);
    for (const name of names) assert.deepEqual(contents(mesh, name, uuid), expected, name);
  }
}

/** Names of the nodes that a node sees online, itself not included. */
export function onlineFor(mesh: Nodes, name: string): readonly string[] {
  const peers = meshOn(mesh, name).peers();
  return peers
    .filter(({ online, self }) => online && !self)
    .map(({ nodeId }) => mesh.nameOf(nodeId))
    .sort();
}

/** What a node thinks who was let in, and whether they still are: "a member", "b revoked". */
export function membersFor(mesh: Nodes, name: string): readonly string[] {
  const peers = meshOn(mesh, name).peers();
  return peers.map(({ nodeId, status }) => `${mesh.nameOf(nodeId)} ${status}`).sort();
}

/** What a node tells about from now on; the list grows. */
export function eventsOf(mesh: Nodes, name: string): readonly NodeEvent[] {
  const events: NodeEvent[] = [];
  mesh.node(name).subscribe((event) => events.push(event));
  return events;
}

/** The engine behind a store, which an application does not get to see. */
export function replicaOf(store: Store): Replica {
  return (store as unknown as { readonly replica: Replica }).replica;
}

export function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function text(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}

function holdingsOf(node: Node): Holdings {
  return node
    .meshes()
    .filter((mesh) => mesh.peers().some(({ self, status }) => self && status === 'member'))
    .map((mesh) => ({
      mesh: `${mesh.name} ${mesh.uuid.slice(0, 8)}`,
      stores: [
        { store: 'the mesh store', digest: mesh.status().digest, tips: [], remark: membersOf(mesh) },
        ...mesh.stores().map((store) => {
          const { entries, pending, held, digest } = store.status();
          const remark = `${entries} entries, ${pending} pending, ${held} held`;
          return { store: store.uuid, digest, tips: replicaOf(store).tips(), remark };
        }),
      ],
    }));
}

function membersOf(mesh: Mesh): string {
  const members = mesh.peers().filter(({ status }) => status === 'member');
  return `${members.length} members, ${mesh.stores().length} stores`;
}

function consoleLogger(name: string): Logger {
  return {
    log: (level, message, fields = {}) => {
      const shown = Object.entries(fields).map(([key, value]) => `${key}=${String(value).slice(0, 80)}`);
      console.log(`${name} ${level}: ${message} ${shown.join(' ')}`);
    },
  };
}
