export { kvConflicts } from './conflicts.js';
export type {
  Kv,
  KvChange,
  KvChanges,
  KvCondition,
  KvHead,
  KvItem,
  KvListOptions,
  KvWrite,
} from './handle.js';
export { keyHistory, type KeyHistoryBackend, type KeyVersion } from './key-history.js';
export { type KvBackend, kvHandle } from './kv-handle.js';
export { kvMachine } from './machine.js';
export { decodeKvOps, encodeKvOps, type KvOp } from './operations.js';
