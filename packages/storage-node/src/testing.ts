// What fuzzing looks at from closer than the data directory.
export { checkLmdbFile } from './check-lmdb-file.js';
export { KvGuard } from './kv-guard.js';
