import type { ServiceImpl } from '@connectrpc/connect';
import type { LatticeService, OwnerRole } from '@lattice/api';
import type { Timers } from '@lattice/model';
import type { Spools } from '../spool.js';

/** What the service knows beside its node. */
export interface ServiceContext {
  readonly pid: number;
  readonly role: OwnerRole;
  /** Aborted when the process begins to close: streams that would go on for ever end then. */
  readonly closing: AbortSignal;
  readonly timers: Timers;
  /** For listings whose readers are slow. */
  readonly spools: Spools;
}

/** One area's part of the service. */
export type Methods<Names extends keyof ServiceImpl<typeof LatticeService>> = Pick<
  ServiceImpl<typeof LatticeService>,
  Names
>;
