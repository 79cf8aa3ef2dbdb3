import type { RawStream } from '@lattice/testkit';

/** What one opens a sync with that has something else. */
export const opening = { digest: new Uint8Array(32) };

/** Goes through a sync as one that has nothing, with one that has nothing either, to where bundles may be sent. */
export async function compare(sync: RawStream): Promise<void> {
  await sync.sync({ case: 'opening', value: opening });
  await sync.sync({ case: 'differing', value: {} });
  await sync.sync({ case: 'verdicts', value: { known: [] } });
}
