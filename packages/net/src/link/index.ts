export { Allowance } from './allowance.js';
export { findStore } from './find-store.js';
export { InboundRoom } from './inbound-room.js';
export type {
  LinkHost,
  LinkMesh,
  LinkStore,
  LinkSyncProgress,
  LinkSyncReport,
  StoreHolding,
} from './link-host.js';
export { PeerLink } from './peer-link.js';
export { strangerAllowance } from './stranger-budget.js';
