import { fromUtf8, LatticeError, utf8 } from '@lattice/model';

/** Bytes of UTF-8 of a mesh's, store's or node's name; at least 1. */
export const nameBytesMax = 64;

/**
 * What people may call a mesh, a store or a node: 1 to 64 bytes of UTF-8 without control characters (Unicode's category
 * Cc, which never changes), so that a name can neither break a terminal's line nor mean something else to another version.
 */
export function isName(text: string): boolean {
  const bytes = utf8(text);
  // A lone surrogate has no UTF-8: it would come back as U+FFFD.
  return (
    bytes.length > 0 && bytes.length <= nameBytesMax && !/\p{Cc}/u.test(text) && fromUtf8(bytes) === text
  );
}

/** Returns the name; throws `invalid-name` where it is none. */
export function checkName(text: string): string {
  if (isName(text)) return text;
  throw new LatticeError(
    'invalid-name',
    `A name is 1 to ${nameBytesMax} bytes of text without control characters: choose another.`,
  );
}
