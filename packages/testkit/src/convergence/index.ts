export { bundleOf, bundlesOf, causalOrder } from './bundling.js';
export { checkAgainstHistory, describeReplica } from './checks.js';
export type { ConvergenceCase, ConvergenceOptions, ConvergenceParameters } from './convergence-kit.js';
export { convergenceKit } from './convergence-kit.js';
export { deliver, endOfTimeMs } from './delivery.js';
export { Dice } from './dice.js';
export type { HistoryEntry, HistoryWrite, Holding } from './history.js';
export {
  digestOfHolding,
  forksOf,
  headsOf,
  History,
  isChainAncestor,
  refOf,
  replacedOf,
  seesEntry,
  tipsOf,
} from './history.js';
export type { HistoryOperation } from './operations.js';
export { operationSees, operationsOf } from './operations.js';
export { PageReader } from './page-reader.js';
export type { HistoryOptions, HistoryScript } from './random-history.js';
export { historyBeginsMs, historyKey, historyScripts, playHistory } from './random-history.js';
export type { Ending, RigOptions } from './replica-rig.js';
export { everybody, hastyTimers, interruptingTimers, mustFind, opened, ReplicaRig } from './replica-rig.js';
