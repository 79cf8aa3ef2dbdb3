import { equalBytes, idKey, toHex } from '@lattice/model';
import type { World } from '../world/world.js';
import type { Known, Past } from './past.js';
import type { Union } from './union.js';

/** The entries of a store, other than a mesh store, that have no effect since their author issued them again: "Replaced" in the protocol. */
export function replacedIn(past: Past, counts: (entry: Known) => boolean): ReadonlySet<Known> {
  return new Set(past.entries.flatMap((entry) => originalOf(past, counts, entry) ?? []));
}

/** Of what wrong clocks had dated ahead and honest nodes issued again, everything takes effect once. */
export function reissueFindings(world: World, { reference, stores }: Union): string[] {
  const repaired = [...world.machines.values()].filter(
    ({ hasRepaired, mayFork, nodeId }) => hasRepaired && !mayFork && !world.isStolen(idKey(nodeId)),
  );
  return repaired.flatMap(({ name, nodeId }) =>
    stores.flatMap(({ id, name: store, past }) => {
      const counts = (entry: Known) =>
        equalBytes(entry.entry.author, nodeId) && reference.countsIn(id, past, entry);
      return findingsIn(past, counts).map((what) => `${name}, ${store}: ${what}`);
    }),
  );
}

/** Whether of several entries that follow the same one all but one were issued again. */
export function isReissueFork(branches: readonly Known[]): boolean {
  return branches.filter(({ entry }) => entry.instead === undefined).length <= 1;
}

/** Of somebody who was revoked the originals may be nowhere: nobody else ever took them. */
function findingsIn(past: Past, counts: (entry: Known) => boolean): string[] {
  const replaced = replacedIn(past, counts);
  const seen = new Set<string>();
  return past.entries.flatMap((entry) => {
    const { instead, payload } = entry.entry;
    if (instead === undefined || !counts(entry)) return [];
    const original = past.get(toHex(instead));
    if (original && !replaced.has(original)) return [`${short(entry)} does not replace what it stands for`];
    if (original && !equalBytes(payload, original.entry.payload))
      return [`${short(entry)} says something else than what it stands for`];
    if (replaced.has(entry)) return [];
    const first = firstOf(past, entry);
    if (seen.has(first)) return [`${first.slice(0, 8)} takes effect twice`];
    seen.add(first);
    return [];
  });
}

/** In hexadecimal, what was issued again at first, though perhaps nobody has it. */
function firstOf(past: Past, { key, entry: { instead } }: Known): string {
  if (instead === undefined) return key;
  const before = past.get(toHex(instead));
  return before ? firstOf(past, before) : toHex(instead);
}

/** What that entry replaces. */
function originalOf(past: Past, counts: (entry: Known) => boolean, entry: Known): Known | undefined {
  const { instead, author } = entry.entry;
  const original = instead && past.get(toHex(instead));
  if (!original || original.time < entry.time || !equalBytes(original.entry.author, author)) return undefined;
  return counts(entry) ? original : undefined;
}

function short({ key }: Known): string {
  return key.slice(0, 8);
}
