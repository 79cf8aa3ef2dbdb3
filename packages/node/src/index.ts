export type { AuthorHistory, HistoryEntry, HistoryOperation } from '@lattice/kernel';
export type { Kv, KvChange, KvChanges, KvHead, KvItem, KvListOptions, KvWrite } from '@lattice/kvstore';
export type { Log, LogAddition, LogAdditions, LogBound, LogItem, LogRangeOptions } from '@lattice/logstore';
export { DirectoryLock, socketPathFor } from '@lattice/storage-node';
export { type NodeOptions, openNode } from './local-node.js';
export { type DiskNodeOptions, openNodeOnDisk } from './on-disk.js';
export type * from './public.js';
