import { type IdKey, idKey, type NodeId, toHex } from '@lattice/model';

/** What a node has of one mesh, as far as it can be compared with what others have. */
export interface MeshHoldings {
  /** Names the mesh, alike on all nodes. */
  readonly mesh: string;
  readonly stores: readonly StoreHoldings[];
}

export interface StoreHoldings {
  /** Names the store, alike on all nodes. */
  readonly store: string;
  /** Equal on two nodes exactly when they hold the same. */
  readonly digest: Uint8Array;
  /** The last entry of each chain. */
  readonly tips: readonly { readonly author: NodeId; readonly seq: number }[];
  /** What else a person wants to know when it is not as it should be. */
  readonly remark: string;
}

export type Holdings = readonly MeshHoldings[];

/** Whether all nodes that are in a mesh have the same stores of it, and the same in them. */
export function haveConverged(nodes: ReadonlyMap<string, Holdings>): boolean {
  return meshesOf(nodes).every((mesh) => {
    const sums = [...nodes.values()].flatMap((holdings) => {
      const here = holdings.find((one) => one.mesh === mesh);
      return here ? [sumOf(here)] : [];
    });
    return new Set(sums).size <= 1;
  });
}

/** Who has what, and who lacks what of it, for people. */
export function describeDifferences(
  nodes: ReadonlyMap<string, Holdings>,
  nameOf: (node: NodeId) => string,
): string {
  const lines: string[] = [];
  for (const mesh of meshesOf(nodes)) {
    const stores = new Set(
      [...nodes.values()].flatMap((all) => storesOf(all, mesh)).map(({ store }) => store),
    );
    for (const store of stores) lines.push(...describeStore(nodes, mesh, store, nameOf));
  }
  return lines.join('\n');
}

function describeStore(
  nodes: ReadonlyMap<string, Holdings>,
  mesh: string,
  store: string,
  nameOf: (node: NodeId) => string,
): string[] {
  const within = [...nodes].filter(([, all]) => all.some((one) => one.mesh === mesh));
  const rows = within.map(
    ([name, all]) => [name, storesOf(all, mesh).find((one) => one.store === store)] as const,
  );
  if (new Set(rows.map(([, here]) => here && toHex(here.digest))).size === 1) return [];
  const furthest = new Map<IdKey, { author: NodeId; seq: number }>();
  for (const [, here] of rows) {
    for (const tip of here?.tips ?? []) {
      if (tip.seq > (furthest.get(idKey(tip.author))?.seq ?? 0)) furthest.set(idKey(tip.author), tip);
    }
  }
  const lines = rows.map(([name, here]) => {
    if (!here) return `  ${name}: does not have the store`;
    const lacks = [...furthest.values()].flatMap(({ author, seq }) => {
      const has = Math.max(
        0,
        ...here.tips.filter((tip) => idKey(tip.author) === idKey(author)).map((tip) => tip.seq),
      );
      return has < seq ? [`${nameOf(author)} ${has + 1}..${seq}`] : [];
    });
    const lacking = lacks.length > 0 ? `, lacks ${lacks.join(', ')}` : '';
    return `  ${name}: digest ${toHex(here.digest).slice(0, 8)}, ${here.remark}${lacking}`;
  });
  return [`mesh ${mesh}, store ${store}:`, ...lines];
}

function meshesOf(nodes: ReadonlyMap<string, Holdings>): readonly string[] {
  return [...new Set([...nodes.values()].flat().map(({ mesh }) => mesh))];
}

function storesOf(holdings: Holdings, mesh: string): readonly StoreHoldings[] {
  return holdings.find((one) => one.mesh === mesh)?.stores ?? [];
}

function sumOf({ stores }: MeshHoldings): string {
  return stores
    .map(({ store, digest }) => `${store} ${toHex(digest)}`)
    .sort()
    .join('\n');
}
