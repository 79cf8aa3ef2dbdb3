export { logSuite } from './log-suite.js';
export { nodeStorageSuite } from './node-storage-suite.js';
export { orderedKvSuite } from './ordered-kv-suite.js';
export type { StorageCase, StorageRig } from './storage-case.js';
