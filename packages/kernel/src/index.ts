export type { AuthorHistory } from './authors.js';
export type { Admittance, Commit } from './commit.js';
export { digestOf, hashEntry, storeIdOf } from './hashing.js';
export type { HistoryEntry, HistoryOperation } from './history.js';
export { HybridClock } from './hybrid-clock.js';
export type { AnyMachine } from './operations.js';
export { Replica } from './replica.js';
export { type VerifiedBundle, verifyBundle } from './verify.js';
export type { Sender } from './waiting-room.js';
