export type {
  Log,
  LogAddition,
  LogAdditions,
  LogBound,
  LogItem,
  LogRangeOptions,
  LogReads,
} from './handle.js';
export { type LogBackend, logHandle } from './log-handle.js';
export { logReads } from './log-reads.js';
export { logMachine } from './machine.js';
export { decodeLogOps, encodeLogOps, type LogOp } from './operations.js';
