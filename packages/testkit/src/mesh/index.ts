export { type Backup, backUp, restore } from './backup.js';
export type { Holdings, MeshHoldings, StoreHoldings } from './convergence.js';
export type { Lifeline } from './lifeline.js';
export { Machine, type MachineOptions, type MachinePorts } from './machine.js';
export { describeDifferences, haveConverged } from './convergence.js';
export { type Loss, MeshHarness, type MeshHarnessOptions, type SettleOptions } from './mesh-harness.js';
export { isGossip, isPush } from './pushes.js';
export { SeededRandom } from './seeded-random.js';
export { RawPeer, RawStream } from './raw-peer.js';
