import type { EntryRef, NodeId, StoreId } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';
import type { wire } from '@lattice/proto';
import type { AdmitOutcome, SyncProgress, SyncStore } from '@lattice/sync';
import type { Allowance } from './allowance.js';
import type { InboundRoom } from './inbound-room.js';

/** A store as connections see it. */
export interface LinkStore extends SyncStore {
  readonly id: StoreId;
  /** How many entries are kept. */
  entries(): number;
  /** Verifies a bundle that the peer sent, and lets it in. Never rejects. */
  admit(bundle: Uint8Array, from: NodeId): Promise<AdmitOutcome>;
}

/** A mesh as connections see it. */
export interface LinkMesh {
  readonly id: StoreId;
  isMember(node: NodeId): boolean;
  /** How many bytes are still taken of those who are no members. */
  readonly strangers: Allowance;
  /** The mesh store, which is synced before the others. */
  readonly meshStore: LinkStore;
  stores(): readonly LinkStore[];
  /** Whether it is the id of a store that was deleted: a peer may not know so yet. */
  hasDeleted(store: Uint8Array): boolean;
  /** Judges who asks to be admitted, and admits: the mesh's genesis, or why not. Never rejects. */
  join(node: NodeId, request: wire.Join): Promise<Uint8Array | wire.JoinRefusal>;
  /** Where members can be reached, this node among them. */
  addresses(): readonly PeerAddress[];
  /** Takes note of what a member says about where members can be reached. */
  learn(addresses: readonly PeerAddress[]): void;
}

/** The node as its connections see it. */
export interface LinkHost {
  readonly self: NodeId;
  /** Name and version of the program, for people. */
  readonly software: string;
  meshes(): readonly LinkMesh[];
  /** For what all its connections bring. */
  readonly room: InboundRoom;
  /** A peer says something of the overlay of a mesh that is shared with it. Throws `MalformedError`. */
  hearGossip(mesh: LinkMesh, from: NodeId, message: wire.Gossip): void;
  /** Whether a bundle that a peer pushed along a tree has not come that way before. */
  isNews(mesh: LinkMesh, store: LinkStore, from: NodeId, push: wire.Push): boolean;
}

/** What a peer has of a store. */
export interface StoreHolding {
  readonly store: StoreId;
  /** Of its kept tips: equal to this node's exactly when both keep the same. */
  readonly digest: Uint8Array;
  /** How many entries it keeps. */
  readonly entries: number;
}

/** How far a sync of one store with one peer is. */
export interface LinkSyncProgress extends SyncProgress {
  readonly peer: NodeId;
}

/** How a sync of one store with one peer went. */
export interface LinkSyncReport {
  readonly store: StoreId;
  readonly peer: NodeId;
  readonly sentEntries: number;
  readonly receivedEntries: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly roundTrips: number;
  readonly ms: number;
  /**
   * Tips here that the peer had when the sync began. That it took the rest says less: it may hold some of it in memory, or
   * not have been given what is dated too far ahead.
   */
  readonly knownToPeer: readonly EntryRef[];
  /** Why it ended before both sides had all. */
  readonly failure?: string;
}
