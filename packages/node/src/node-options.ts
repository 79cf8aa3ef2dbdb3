import type { CheckpointPolicy } from '@lattice/kernel';
import type { Clock, Logger, Random, Timers } from '@lattice/model';
import type { OpenDiscovery, Transport } from '@lattice/net-types';
import type { NodeStorage } from '@lattice/storage';

/** The ports that a node runs over, and what it says of itself. */
export interface NodeOptions {
  /** Becomes the node's: it is closed with it. */
  readonly storage: NodeStorage;
  /** Makes the transport, when the network is first wanted; `seed` is the node's key. */
  readonly openTransport: (seed: Uint8Array) => Promise<Transport>;
  /** Starts looking for members on the same link; absent: none is looked for. */
  readonly openDiscovery?: OpenDiscovery;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** How often the states of stores are copied; absent: as a disk bears it. */
  readonly checkpointPolicy?: CheckpointPolicy;
  /** What this node calls itself in meshes that it creates or joins, unless told otherwise. */
  readonly name?: string;
  /** Of the program that runs the node. */
  readonly version: string;
  /** What the status says of relays. */
  readonly relay?: string;
}
