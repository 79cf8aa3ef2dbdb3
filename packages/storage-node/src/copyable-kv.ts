import type { OrderedKv } from '@lattice/storage';

/** An `OrderedKv` of which copies can be made. */
export interface CopyableKv extends OrderedKv {
  /** Copies what is committed to a file that is not there yet, while commits go on; not synced. */
  copyTo(path: string): Promise<void>;
}
