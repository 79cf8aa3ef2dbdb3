import { type Hlc, toHex } from '@lattice/model';
import { encodeBundle } from '@lattice/proto';
import { put } from './entries.js';
import { entryJson } from './json.js';
import { alice, bob, bundleOf, evening, kvId, write, type Written } from './material.js';

const later = (by: bigint): Hlc => (evening + by) as Hlc;

const a1 = write(alice, { payload: put('a', '1') });
/** Alice's clock is ahead; once it is right, she goes on from `a1`. */
const ahead2 = write(alice, { after: a1, hlc: later(100n), payload: put('a', '2') });
const ahead3 = write(alice, { after: ahead2, payload: put('a', '3') });
const again2 = write(alice, {
  after: a1,
  hlc: later(2n),
  instead: ahead2.hash,
  payload: put('a', '2'),
});
/** It was ahead all the same: what was issued again is so once more. */
const again3 = write(alice, {
  after: again2,
  hlc: later(101n),
  instead: ahead3.hash,
  payload: put('a', '3'),
});
const thrice3 = write(alice, {
  after: again2,
  hlc: later(5n),
  instead: again3.hash,
  payload: put('a', '3'),
});
const sameTime = write(alice, { hlc: later(9n), payload: put('b', '1') });
const sameTimeAgain = write(alice, {
  hlc: later(9n),
  instead: sameTime.hash,
  payload: put('b', '2'),
});
const tooLate = write(alice, { hlc: later(10n), instead: sameTimeAgain.hash, payload: put('b', '3') });
const b1 = write(bob, { deps: [ahead2], payload: put('a', "bob's") });
/** A claim says nothing: it is lifted past what it sees. */
const b2 = write(bob, { after: b1, deps: [ahead3], instead: b1.hash, payload: put('a', "bob's") });
const foreign = write(bob, { hlc: evening, instead: tooLate.hash, payload: put('c', '1') });

const story: readonly (readonly [name: string, entry: Written, replaced: boolean])[] = [
  ['the last before the clock was ahead', a1, false],
  ['issued again by an entry that comes later', ahead2, true],
  ["another author's, who saw that", b1, false],
  ['issued again, twice', ahead3, true],
  ['in place of the first', again2, false],
  ['in place of the second, and itself issued again', again3, true],
  ['in place of that', thrice3, false],
  ['named by an entry of the same time', sameTime, true],
  ['named by an entry dated one later', sameTimeAgain, false],
  ['which names what is dated before it', tooLate, false],
  ['which names what it sees', b2, false],
  ["which names another author's", foreign, false],
];

/** Which entries have no effect where all of them count, whatever order they come in. */
export function replacedVectors() {
  return {
    store: toHex(kvId),
    bundle: toHex(encodeBundle(bundleOf(...story.map(([, written]) => written)), 'full')),
    entries: story.map(([name, { entry, hash }, replaced]) => ({
      name,
      ...entryJson(entry),
      hash: toHex(hash),
      replaced,
    })),
  };
}
