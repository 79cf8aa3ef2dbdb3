import { LatticeError } from '@lattice/model';

/** What is looked for, for codes and messages: "mesh", "store", "member". */
export interface Naming<T> {
  readonly what: string;
  readonly id: (item: T) => string;
  readonly name: (item: T) => string;
  /** How to see what there is. */
  readonly hint: string;
}

/** How many candidates an error lists. */
const candidatesMax = 5;

/**
 * The one item with that name or that beginning of an id; a whole id or an exact name goes before a beginning. Throws
 * `{what}-not-found` or `{what}-ambiguous`, naming the candidates.
 */
export function findByName<T>(items: readonly T[], text: string, naming: Naming<T>): T {
  const wanted = text.toLowerCase();
  const exact = items.filter((item) => naming.id(item) === wanted || naming.name(item) === text);
  const matches =
    exact.length > 0 || wanted === '' ? exact : items.filter((item) => naming.id(item).startsWith(wanted));
  const [match] = matches;
  if (!match)
    throw new LatticeError(
      `${naming.what}-not-found`,
      `There is no ${naming.what} "${text}": ${naming.hint}.`,
    );
  if (matches.length === 1) return match;
  const candidates = matches.slice(0, candidatesMax).map((item) => describe(item, naming));
  const more = matches.length > candidatesMax ? ` and ${matches.length - candidatesMax} more` : '';
  const message = `"${text}" may be any of ${candidates.join(', ')}${more}: give more of the id.`;
  throw new LatticeError(`${naming.what}-ambiguous`, message);
}

function describe<T>(item: T, { id, name }: Naming<T>): string {
  return name(item) ? `${id(item)} (${name(item)})` : id(item);
}
