export { kvConflicts } from './conflicts.js';
export type {
  Kv,
  KvChange,
  KvChanges,
  KvCondition,
  KvHead,
  KvItem,
  KvListOptions,
  KvReads,
  KvWrite,
} from './handle.js';
export { keyHistory, type KeyHistoryBackend, type KeyVersion } from './key-history.js';
export { type KvBackend, kvHandle } from './kv-handle.js';
export { type KvReadBackend, kvReads } from './kv-reads.js';
export { kvMachine } from './machine.js';
export { decodeKvOps, encodeKvOps, type KvOp } from './operations.js';
