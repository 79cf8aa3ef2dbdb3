// What nodes that are in sync say to each other while nobody writes anything: their time is driven, so an hour takes seconds.
import { openNode } from '@lattice/node';
import { MeshHarness } from '@lattice/testkit';
import { rowOf } from '../row.mjs';

export async function* measure({ idleNodes, idleHours }) {
  for (const count of idleNodes) yield await rowFor(count, idleHours);
}

async function rowFor(count, hours) {
  const mesh = new MeshHarness({
    open: async (ports) => {
      const node = await openNode({ ...ports, version: 'benchmark' });
      await node.startNetwork();
      return node;
    },
    holdingsOf: (node) => node.meshes(),
  });
  try {
    const founder = await mesh.start('node 0');
    const home = await mesh.run(founder.createMesh({ name: 'benchmark' }));
    for (let i = 1; i < count; i++) {
      const node = await mesh.start(`node ${i}`);
      const { token } = await mesh.run(home.createInvite());
      await mesh.run(node.joinMesh(token));
    }
    await mesh.run(home.stores()[0].kv().put(Buffer.from('key'), Buffer.from('value')));
    await mesh.advance(60_000);
    const before = mesh.network.total;
    await mesh.advance(hours * 3_600_000);
    const bytes = mesh.network.total.bytes - before.bytes;
    return rowOf({
      name: `idle, each of ${count} nodes, a mesh and a store`,
      value: bytes / 1024 / count / hours,
      unit: 'KiB/h',
      frames: (mesh.network.total.frames - before.frames) / count / hours,
    });
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}
