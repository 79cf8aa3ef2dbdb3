import type { RawPeer, RawStream } from '@lattice/testkit';
import type { LinkRig } from './link-rig.js';

/** What one opens a sync with that has something else. */
export const opening = { digest: new Uint8Array(32) };

/** Goes through a sync as one that has nothing, with one that has nothing either, to where bundles may be sent. */
export async function compare(sync: RawStream): Promise<void> {
  await sync.sync({ case: 'opening', value: opening });
  await sync.sync({ case: 'differing', value: {} });
  await sync.sync({ case: 'verdicts', value: { known: [] } });
}

/** Streams on each of which half a frame is sent: without a byte, nobody there would know of them. */
export async function openSilent(rig: LinkRig, peer: RawPeer, count: number): Promise<readonly RawStream[]> {
  const streams: RawStream[] = [];
  for (let i = 0; i < count; i++) {
    const stream = await rig.time.run(peer.open());
    await stream.bytes(Uint8Array.of(0));
    streams.push(stream);
  }
  return streams;
}
