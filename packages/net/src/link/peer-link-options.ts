import type { Clock, Logger, Random, Timers } from '@lattice/model';
import type { Connection } from '@lattice/net-types';
import type { LinkHost, StoreHolding } from './link-host.js';

export interface PeerLinkOptions {
  readonly connection: Connection;
  readonly host: LinkHost;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Meshes shared with the peer have come or gone. */
  readonly onChange: () => void;
  /** The peer says what it holds of stores, of shared meshes or others. */
  readonly onHoldings: (holdings: readonly StoreHolding[]) => void;
  /** The peer broke the protocol, and the connection ends. */
  readonly onOffence: (reason: string) => void;
}
