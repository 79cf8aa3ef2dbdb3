import type { PeerReport, StoreReport } from './report.js';

/** Of a mesh, what it takes to see who has what. */
export interface MembersAndStores {
  readonly meshId: string;
  readonly peers: readonly PeerReport[];
  readonly stores: readonly Pick<StoreReport, 'storeId' | 'name'>[];
}

/** What a member has of what this node has, over all stores of the mesh. */
export interface Standing {
  readonly peer: PeerReport;
  /**
   * - `in-sync`: all of it
   * - `lacks`: some entries are missing there
   * - `differs`: it had something else, and counts do not tell what it lacks
   * - `unknown`: it has not said yet, of some store or of all
   * - `elsewhere`: it gets what is new through others, and says to them what it has
   */
  readonly kind: 'in-sync' | 'lacks' | 'differs' | 'unknown' | 'elsewhere';
  /** At least so many entries. */
  readonly lacks: number;
}

/** Of every member but this node: first those that lack most. */
export function standingsOf({ meshId, peers, stores }: MembersAndStores): readonly Standing[] {
  const storeIds = new Set([meshId, ...stores.map(({ storeId }) => storeId)]);
  return peers
    .filter(({ self, status }) => !self && status === 'member')
    .map((peer) => standingOf(peer, storeIds))
    .sort((a, b) => order[a.kind] - order[b.kind] || b.lacks - a.lacks);
}

const order = { lacks: 0, differs: 1, unknown: 2, 'in-sync': 3, elsewhere: 4 } as const;

function standingOf(peer: PeerReport, storeIds: ReadonlySet<string>): Standing {
  const said = peer.stores.filter(({ storeId }) => storeIds.has(storeId));
  if (peer.online === undefined) return { peer, kind: 'elsewhere', lacks: 0 };
  const lacks = said.reduce((sum, store) => sum + store.lacks, 0);
  if (lacks > 0) return { peer, kind: 'lacks', lacks };
  if (said.some(({ inSync }) => !inSync)) return { peer, kind: 'differs', lacks };
  return { peer, kind: said.length < storeIds.size ? 'unknown' : 'in-sync', lacks };
}
