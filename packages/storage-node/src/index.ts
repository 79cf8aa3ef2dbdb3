export * from './data-directory.js';
export * from './directory-lock.js';
export { readOwner } from './directory-owner.js';
export * from './guarded-kv.js';
export * from './node-files.js';
export * from './restore.js';
export * from './segment-log.js';
export * from './socket-path.js';
