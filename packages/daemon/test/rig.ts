import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { openAsOwner, openOrConnect } from '@lattice/daemon';
import { memoryDirectory, MemoryNode } from '@lattice/daemon/testing';
import { silentLogger } from '@lattice/model';

/** A node in memory, served on a real socket, and ways to it; all closed when the test ends. */
export async function servedNode(context: TestContext) {
  const node = new MemoryNode();
  const directory = memoryDirectory({ socketPath: await socketPathIn(context), openNode: () => node });
  const options = { role: 'daemon', logger: silentLogger } as const;
  const owned = await openAsOwner(directory, options);
  context.after(() => owned.close({ drainMs: 0 }));
  const connectClient = async () => {
    const access = await openOrConnect(directory, options);
    context.after(() => access.close({ drainMs: 0 }));
    return access.client;
  };
  return { node, directory, owned, connectClient };
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
