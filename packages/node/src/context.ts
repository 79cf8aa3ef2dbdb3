import type { KeyPair } from '@lattice/crypto';
import type { CheckpointPolicy, HybridClock } from '@lattice/kernel';
import type { Logger, Random, Timers } from '@lattice/model';
import type { NodeStorage } from '@lattice/storage';
import type { Events } from './events.js';
import type { NodeClock } from './node-clock.js';

/** What every part of a node needs of its surroundings. */
export interface NodeContext {
  readonly key: KeyPair;
  readonly storage: NodeStorage;
  readonly clock: NodeClock;
  readonly hlc: HybridClock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly events: Events;
  readonly checkpointPolicy?: CheckpointPolicy;
}
