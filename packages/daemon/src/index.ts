export {
  type AccessOptions,
  connectIfRunning,
  type NodeAccess,
  openAsOwner,
  openOrConnect,
} from './access.js';
export type { DataDirectory, DirectoryLock, Owner } from './data-directory.js';
export { diskDirectory, type DiskDirectoryOptions } from './disk-directory.js';
export { restore } from './restore.js';
export { rotate } from './rotate.js';
export type { OwnedNode, Role } from './owned-node.js';
export type { CloseOptions } from './serve.js';
