import { type Bundle, type EntryRef, type Hlc, hlcLimit, hlcNext, hlcZero, toHex } from '@lattice/model';
import { type BundleForm, encodeBundle } from '@lattice/proto';
import { put } from './entries.js';
import { bundleJson, refJson } from './json.js';
import { alice, bob, bundleOf, carol, evening, refOf, write, type Written } from './material.js';

const a1 = write(alice, { payload: put('greeting', 'hello') });
const a2 = write(alice, { after: a1, hlc: hlcNext(evening), payload: put('greeting', 'hello again') });
const a3 = write(alice, { after: a2, hlc: (evening + (5n << 16n)) as Hlc, payload: put('farewell', '') });
const fork = write(alice, { after: a1, payload: put('greeting', 'hallo') });
const b1 = write(bob, { deps: [a1], payload: put('answer', 'hi') });
const b2 = write(bob, { after: b1, deps: [a2], payload: put('answer', 'hi there') });
const late = write(bob, { hlc: (hlcLimit - 1n) as Hlc });
const c1 = write(carol);

/** The story that the bundles tell, for vectors of what is wrong with some. */
export const story = { a1, a2, a3, fork, b1, b2, c1 };

interface BundleVector {
  readonly entries: readonly Written[];
  readonly form?: BundleForm;
  readonly lookUps?: readonly Written[];
}

const bundles: Record<string, BundleVector> = {
  'one entry': { entries: [a1] },
  'three of one chain': { entries: [a1, a2, a3] },
  'a chain from its third entry on': { entries: [a3] },
  'two authors, with deps on entries of the bundle': { entries: [a1, b1, a2, b2, a3] },
  'deps on what the bundle does not have, of an author with a chain in it': { entries: [a3, b2] },
  'deps on what the bundle does not have, of other authors': {
    entries: [write(carol, { deps: [a2, b1], payload: put('x', 'y') }), write(carol, { deps: [b2] })],
  },
  'both branches of a fork, and an entry that merges them': {
    entries: [a1, a2, fork, write(carol, { deps: [a2, fork] })],
  },
  'hlcs that fall and rise by all there is': {
    entries: [late, write(alice, { hlc: hlcZero }), write(carol, { hlc: (hlcLimit - 1n) as Hlc })],
  },
  'an entry issued again': {
    entries: [write(alice, { after: a1, instead: a2.hash, payload: put('a', 'b') })],
  },
  'thin, with nothing to look up': { form: 'thin', entries: [a1, b1] },
  'thin, with hashes left out': { form: 'thin', entries: [a3, b2], lookUps: [a2] },
  'thin, with hashes of other authors left out': {
    form: 'thin',
    entries: [write(carol, { deps: [a3, b1], payload: put('x', 'y') })],
    lookUps: [a3, b1],
  },
};

export function bundleVectors() {
  return {
    bundles: Object.entries(bundles).map(([name, { entries, form = 'full', lookUps = [] }]) => {
      const bundle: Bundle = bundleOf(...entries);
      return {
        name,
        form,
        lookUps: lookUps.map((one): EntryRef => refOf(one)).map(refJson),
        ...bundleJson(bundle),
        bytes: toHex(encodeBundle(bundle, form)),
      };
    }),
  };
}
