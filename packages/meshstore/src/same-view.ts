import { equalBytes } from '@lattice/model';
import type { MeshFacts } from './view.js';

/** Whether two views say the same in everything: nothing to tell anybody. */
export function sameView(a: MeshFacts, b: MeshFacts): boolean {
  return a === b || factNames.every((name) => sameValue(a[name], b[name]));
}

/** Whether two views let the same entries count, in every store: no kernel need be told. Names may differ. */
export function sameRules(a: MeshFacts, b: MeshFacts): boolean {
  return a === b || sameValue(rulesOf(a), rulesOf(b));
}

const factNames = [
  'meshId',
  'creator',
  'name',
  'members',
  'invites',
  'stores',
  'revocations',
  'conflicts',
] as const satisfies readonly (keyof MeshFacts)[];

function rulesOf({ meshId, creator, members, revocations }: MeshFacts): unknown {
  return [meshId, creator, [...members].map(([key, { admissions }]) => [key, admissions]), revocations];
}

/** Deep equality of plain data. */
function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  if (a instanceof Map) return b instanceof Map && sameValue([...a], [...b]);
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  return sameItems(Object.entries(a), Object.entries(b));
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
}
