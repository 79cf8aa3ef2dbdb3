export * from './convergence/index.js';
export * from './mesh/index.js';
export * from './net/index.js';
export * from './nodes/index.js';
export * from './storage/index.js';
export type { VirtualTimeOptions } from './time/virtual-time.js';
export { VirtualTime } from './time/virtual-time.js';
