export { SyncSession } from './session.js';
export type {
  AdmitOutcome,
  SyncEffect,
  SyncInput,
  SyncOutcome,
  SyncProgress,
  SyncStore,
} from './session-types.js';
export { nonceBytes } from './keyed-tips.js';
