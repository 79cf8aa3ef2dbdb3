import { storeUuid, toHex } from '@lattice/model';
import type { Node } from '@lattice/node';
import type { Methods, ServiceContext } from './service-context.js';

export function nodeMethods(
  node: Node,
  { pid, role }: ServiceContext,
): Methods<'nodeStatus' | 'nodeSetName' | 'nodeKeepIdentity' | 'nodeRepairClock'> {
  return {
    nodeSetName: async ({ name }) => ({ meshes: await node.setName(name) }),

    nodeKeepIdentity: async () => ({ wasSuspected: await node.keepIdentity() }),

    nodeRepairClock: async () => ({
      stores: (await node.repairClock()).map(({ store, where, reissued, left, failure }) => ({
        storeId: storeUuid(store),
        where,
        reissued: BigInt(reissued),
        left: BigInt(left),
        ...(failure === undefined ? {} : { failure }),
      })),
    }),

    nodeStatus: () => {
      const status = node.status();
      const { mesh, store } = node.selection();
      return {
        nodeId: toHex(status.nodeId),
        name: status.name,
        addresses: [...status.addresses],
        relay: status.relay,
        dataDir: status.dataDir,
        version: status.version,
        warnings: [...status.warnings],
        selectedMeshId: mesh?.uuid ?? '',
        selectedStoreId: store?.uuid ?? '',
        owner: { pid, role },
      };
    },
  };
}
