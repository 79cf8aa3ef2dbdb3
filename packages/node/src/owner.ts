/** Who has a data directory open: all that a command needs to reach it, and nothing native with it. */
export { readOwner } from '@lattice/storage-node/owner';
