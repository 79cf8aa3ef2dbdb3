/**
 * Full bundles carry every hash; thin ones leave out the hash of a dep that the receiver can look up by author and seq.
 * Only a full one can be blamed on its sender.
 */
export type BundleForm = 'full' | 'thin';

export const formByte: Record<BundleForm, number> = { full: 1, thin: 2 };

/** Parity of a dep's first varint: even, an earlier entry of the bundle; odd, an author of the bundle's table. */
export const depInBundle = 0;
export const depByAuthor = 1;

/** How many authors beside its chains' a bundle may name: every dep another one. */
export const extraAuthorsMax = 1_024 * 64;
