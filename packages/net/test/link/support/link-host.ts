import type { NodeId } from '@lattice/model';
import type { InboundRoom, LinkHost, LinkMesh } from '@lattice/net';

/** A node as its links see it, with one mesh, which has no overlay. */
export function hostOf(self: NodeId, mesh: LinkMesh, room: InboundRoom): LinkHost {
  return {
    self,
    software: 'test',
    meshes: () => [mesh],
    room,
    hearGossip: () => undefined,
    isNews: () => true,
  };
}
