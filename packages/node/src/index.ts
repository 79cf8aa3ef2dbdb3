export type { AuthorHistory, HistoryEntry, HistoryOperation } from '@lattice/kernel';
export type {
  Log,
  LogAddition,
  LogAdditions,
  LogBound,
  LogItem,
  LogRangeOptions,
  LogReads,
} from '@lattice/logstore';
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
} from '@lattice/kvstore';
export { DirectoryLock, restoreBackup, socketPathFor } from '@lattice/storage-node';
export { openNode } from './local-node.js';
export type { NodeOptions } from './node-options.js';
export { type DiskNodeOptions, openNodeOnDisk } from './on-disk.js';
export type * from './public.js';
export type * from './public-care.js';
