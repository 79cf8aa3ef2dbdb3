import type { OrderedKv } from '@lattice/storage';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ForwardingKv } from './forwarding-kv.js';
import { openGuardedKv } from './guarded-kv.js';

const scratchPattern = /^scratch-\d+\.db/;
let scratches = 0;

/** Opens an empty LMDB file in a store's directory, which is removed when it is closed. */
export async function openScratchKv(directory: string, bootId: string): Promise<OrderedKv> {
  const path = join(directory, `scratch-${++scratches}.db`);
  const { kv } = await openGuardedKv(path, { durable: false, bootId });
  return new ScratchKv(kv, path);
}

/** Removes what a crash left of them. */
export async function removeScratch(directory: string): Promise<void> {
  const names = await readdir(directory);
  for (const name of names) if (scratchPattern.test(name)) await rm(join(directory, name), { force: true });
}

class ScratchKv extends ForwardingKv<OrderedKv> {
  constructor(
    kv: OrderedKv,
    private readonly path: string,
  ) {
    super(kv);
  }

  /** Nobody needs it after a crash. */
  override flush(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kv[Symbol.asyncDispose]();
    for (const suffix of ['', '-lock', '-guard']) await rm(`${this.path}${suffix}`, { force: true });
  }
}
