export type { LaneTraffic } from './memory-lane.js';
export type { MemoryNetworkOptions } from './memory-network.js';
export { MemoryNetwork } from './memory-network.js';
export type { MemoryTransport } from './memory-transport.js';
export type { TransportRig } from './suite-tools.js';
export type { SuiteCase } from './transport-suite.js';
export { transportSuite } from './transport-suite.js';
