export type { AuthorHistory, HistoryEntry, HistoryOperation } from '@lattice/kernel';
export type { Log, LogAddition, LogAdditions, LogBound, LogItem, LogRangeOptions } from '@lattice/logstore';
export type {
  Kv,
  KvChange,
  KvChanges,
  KvCondition,
  KvHead,
  KvItem,
  KvListOptions,
  KvWrite,
} from '@lattice/kvstore';
export { DirectoryLock, socketPathFor } from '@lattice/storage-node';
export { type NodeOptions, openNode } from './local-node.js';
export { type DiskNodeOptions, openNodeOnDisk } from './on-disk.js';
export type * from './public.js';
