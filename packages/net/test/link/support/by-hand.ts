import { blake3 } from '@lattice/crypto';
import type { RawStream } from '@lattice/testkit';

/** What one opens a sync with that has nothing, and takes nothing. */
export const opening = {
  nonce: new Uint8Array(16),
  digest: new Uint8Array(32),
  shortIds: new Uint8Array(0),
  horizon: 0n,
};

/** Goes through a sync as one that has nothing, to where bundles may be sent. */
export async function compare(sync: RawStream): Promise<void> {
  await sync.sync({ case: 'opening', value: opening });
  await sync.sync({ case: 'differing', value: { unionDigest: blake3('tips', new Uint8Array(0)) } });
  await sync.sync({ case: 'verdicts', value: { known: [] } });
}
