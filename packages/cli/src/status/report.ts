/** Everything that `status` knows, as plain values: what the verdict, the screen and the JSON document are made of. */
export interface StatusReport {
  readonly node: NodeReport;
  readonly meshes: readonly MeshReport[];
  /** Of the node and its stores, one or two sentences each, with what to do. */
  readonly warnings: readonly string[];
  /** When all this was asked: Unix milliseconds. */
  readonly nowMs: number;
}

export interface NodeReport {
  readonly nodeId: string;
  readonly name: string;
  /** Empty where its network does not run. */
  readonly addresses: readonly string[];
  readonly relay: string;
  readonly dataDir: string;
  readonly version: string;
  /** Whether a process keeps it running. */
  readonly isLasting: boolean;
}

export interface MeshReport {
  readonly meshId: string;
  readonly name: string;
  readonly current: boolean;
  /** This node included, and whoever was one once. */
  readonly peers: readonly PeerReport[];
  readonly stores: readonly StoreReport[];
}

export interface PeerReport {
  readonly nodeId: string;
  readonly name: string;
  readonly status: 'member' | 'revoked' | 'left';
  readonly self: boolean;
  /** Whether it is connected; absent where the mesh is so large that it need not be, and nobody here knows. */
  readonly online?: boolean;
  readonly lastSeenMs?: number;
  readonly path?: string;
  readonly rttMs?: number;
  readonly clockAheadMs?: number;
  /** Where it broke the protocol within a day. */
  readonly offence?: { readonly reason: string; readonly atMs: number; readonly barredMs: number };
  /** The mesh's own store among them, by the mesh's id. Of stores that it never spoke of, nothing. */
  readonly stores: readonly PeerStoreReport[];
}

export interface PeerStoreReport {
  readonly storeId: string;
  readonly inSync: boolean;
  readonly lacks: number;
  readonly asOfMs: number;
}

export interface StoreReport {
  readonly storeId: string;
  readonly name: string;
  readonly type: string;
  readonly current: boolean;
  readonly entries: number;
  readonly conflicts: number;
  readonly pending: number;
  readonly missing: readonly MissingReport[];
  readonly held: number;
  readonly heldAuthors: readonly HeldReport[];
  readonly forks: readonly ForkReport[];
  /** Stretches of its log that are damaged on this disk. */
  readonly damagedPlaces: number;
  readonly warnings: readonly string[];
}

export interface MissingReport {
  readonly author: string;
  readonly seq: number;
  readonly entry: string;
  readonly waiting: number;
  /** Empty: this node's own disk. */
  readonly sender: string;
}

export interface HeldReport {
  readonly author: string;
  readonly entries: number;
  readonly aheadMs: number;
}

export interface ForkReport {
  readonly author: string;
  readonly branches: number;
}
