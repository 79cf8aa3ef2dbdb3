export type { Log, LogAddition, LogAdditions, LogBound, LogItem, LogRangeOptions } from './handle.js';
export { type LogBackend, logHandle } from './log-handle.js';
export { logMachine } from './machine.js';
export { decodeLogOps, encodeLogOps, type LogOp } from './operations.js';
