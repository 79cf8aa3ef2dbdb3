export { memoryDirectory } from './memory-directory.js';
