/**
 * Range-based set reconciliation by Negentropy, protocol version 1 (hoytech/negentropy, docs/negentropy-protocol-v1.md; the
 * idea is Aljoscha Meyer's, "Range-Based Set Reconciliation", 2022): two sides that have a set of items each find out
 * which of them the other lacks, in messages that grow with the difference and with the logarithm of the sets.
 *
 * The initiator begins and learns everything; the responder answers each message by one, and keeps nothing in between.
 */
export { NegentropyError } from './errors.js';
export type { FrameOptions } from './frame.js';
export { Initiator } from './initiator.js';
export type { Item } from './item.js';
export { compareItems, ItemSet } from './item-set.js';
export { Responder } from './responder.js';
