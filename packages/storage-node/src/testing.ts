// What fuzzing and tests look at from closer than the data directory.
export { checkLmdbFile } from './check-lmdb-file.js';
export { crc32, loadFastCrc32 } from './crc32.js';
export type { Host } from './host.js';
export { KvGuard } from './kv-guard.js';
export { WriteBehindKv } from './write-behind-kv.js';
