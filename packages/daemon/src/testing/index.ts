export { memoryDirectory } from './memory-directory.js';
export { MemoryNode } from './memory-node.js';
