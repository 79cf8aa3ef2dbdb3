import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type DataDirectory, openAsOwner, openOrConnect } from '@lattice/daemon';
import { memoryDirectory } from '@lattice/daemon/testing';
import { silentLogger, type Timers } from '@lattice/model';
import { type Node, openNode, type Store } from '@lattice/node';
import { NodesInMemory } from '@lattice/testkit';

/** A node in memory, served on a real socket, ways to it, and others that it may meet; all closed when the test ends. */
export async function servedNode(
  context: TestContext,
  ports: { readonly timers?: Timers; readonly openSpool?: DataDirectory['openSpool'] } = {},
) {
  const { nodes, machine, directory: plain } = await nodeDirectory(context);
  const { timers, ...own } = ports;
  const directory = { ...plain, ...own };
  const options = { role: 'daemon', logger: silentLogger, ...(timers && { timers }) } as const;
  const owned = await openAsOwner(directory, options);
  const { node } = machine;
  context.after(() => owned.close({ drainMs: 0 }));
  const connectClient = async () => {
    const access = await openOrConnect(directory, options);
    context.after(() => access.close({ drainMs: 0 }));
    return access.client;
  };
  return { nodes, machine, node, directory, owned, connectClient };
}

/** The data directory, and the machine that it is on, of a node in memory that is called "desk". */
export async function nodeDirectory(context: TestContext) {
  const nodes = new NodesInMemory((ports) => openNode({ ...ports, version: '0.1.0' }));
  const machine = nodes.machine('desk');
  const socketPath = await socketPathIn(context);
  context.after(() => nodes[Symbol.asyncDispose]());
  const directory = memoryDirectory({ socketPath, openNode: () => machine.open() });
  return { nodes, machine, socketPath, directory };
}

/** The first store of the node's first mesh. */
export function mainStore(node: Node): Store {
  return node.meshes()[0]?.stores()[0] ?? assert.fail('the node is in no mesh');
}

export async function socketPathIn(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lattice-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'lattice.sock');
}

/** A bare connection, for saying what no client would. */
export async function rawSocket(context: TestContext, socketPath: string): Promise<Socket> {
  const socket = connect(socketPath);
  context.after(() => socket.destroy());
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
