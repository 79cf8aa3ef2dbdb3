import { type Hlc, hlcLimit, hlcZero, toHex } from '@lattice/model';
import { encodeBundle } from '@lattice/proto';
import { entryJson } from './json.js';
import { alice, bob, bundleOf, carol, evening, kvId, write, type Written } from './material.js';

const a1 = write(alice, { hlc: hlcZero });
const a2 = write(alice, { after: a1, hlc: evening });
const a3 = write(alice, { after: a2, hlc: hlcZero });
const b1 = write(bob, { deps: [a3], hlc: evening });
const b2 = write(bob, { after: b1, hlc: (evening + 7n) as Hlc });
const c1 = write(carol, { hlc: (hlcLimit - 1n) as Hlc });
const c2 = write(carol, { after: c1, deps: [b2], hlc: hlcZero });

/** Each with the time that orders it. */
const story: readonly (readonly [entry: Written, time: bigint])[] = [
  [a1, 1n],
  [a2, evening],
  [a3, evening + 1n],
  [b1, evening + 2n],
  [b2, evening + 7n],
  [c1, hlcLimit - 1n],
  [c2, hlcLimit],
];

/** Claimed hlcs, and the times that they come to. */
export function timeVectors() {
  return {
    store: toHex(kvId),
    bundle: toHex(encodeBundle(bundleOf(...story.map(([written]) => written)), 'full')),
    entries: story.map(([{ entry, hash }, time]) => ({
      ...entryJson(entry),
      hash: toHex(hash),
      time: String(time),
    })),
  };
}
