import type { ConnectRouter } from '@connectrpc/connect';
import { LatticeService } from '@lattice/api';
import type { Node } from '@lattice/node';
import { backupMethods } from './backup-methods.js';
import { errorsWithCodes } from './errors-with-codes.js';
import { eventMethods } from './event-methods.js';
import { historyMethods } from './history-methods.js';
import { kvMethods } from './kv-methods.js';
import { listMethods } from './list-methods.js';
import { logMethods } from './log-methods.js';
import { meshMethods } from './mesh-methods.js';
import { nodeMethods } from './node-methods.js';
import type { ServiceContext } from './service-context.js';
import { storeCheckMethods } from './store-check-methods.js';
import { storeMethods } from './store-methods.js';
import { watchMethods } from './watch-methods.js';
import { writeMethods } from './write-methods.js';

/** The whole service over one node, for a router of Connect: behind a socket or in the same process. */
export function latticeService(node: Node, context: ServiceContext): (router: ConnectRouter) => void {
  const methods = {
    ...nodeMethods(node, context),
    ...backupMethods(node),
    ...meshMethods(node),
    ...storeMethods(node),
    ...storeCheckMethods(node),
    ...historyMethods(node),
    ...kvMethods(node),
    ...listMethods(node, context),
    ...writeMethods(node),
    ...watchMethods(node, context),
    ...logMethods(node, context),
    ...eventMethods(node, context),
  };
  return (router) => router.service(LatticeService, methods, { interceptors: [errorsWithCodes] });
}
