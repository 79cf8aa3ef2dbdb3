import { shortId } from './columns.js';
import { quoted } from './printable.js';

/** A mesh, store or node in a sentence: "home (37d96971)", or its id alone where it has no name. Either can be typed. */
export function called(id: string, name: string): string {
  return name === '' ? shortId(id) : `${quoted(name)} (${shortId(id)})`;
}
