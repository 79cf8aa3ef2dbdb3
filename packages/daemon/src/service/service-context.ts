import type { ServiceImpl } from '@connectrpc/connect';
import type { LatticeService, OwnerRole } from '@lattice/api';

/** What the service knows beside its node. */
export interface ServiceContext {
  readonly pid: number;
  readonly role: OwnerRole;
  /** Aborted when the process begins to close: streams that would go on for ever end then. */
  readonly closing: AbortSignal;
}

/** One area's part of the service. */
export type Methods<Names extends keyof ServiceImpl<typeof LatticeService>> = Pick<
  ServiceImpl<typeof LatticeService>,
  Names
>;
