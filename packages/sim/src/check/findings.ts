import { digestOf } from '@lattice/kernel';
import { equalBytes, hlcToMs, idKey, LatticeError, maxDriftMs, toHex } from '@lattice/model';
import type { MissingEntry, Store } from '@lattice/node';
import { entriesOn } from '../disk/read-logs.js';
import type { SimMachine } from '../world/machine.js';
import { meshOf, type World } from '../world/world.js';
import { authenticFindings } from './authentic.js';
import { type Contents, kvContents, kvReference, logContents, logReference } from './contents.js';
import { lossFindings } from './losses.js';
import { namingFindings } from './naming.js';
import type { Known, Past } from './past.js';
import { isReissueFork, reissueFindings, replacedIn } from './reissues.js';
import type { Union, UnionStore } from './union.js';

/** Everything that is not as it must be, once all members had the time to agree. `members`: machines whose nodes run. */
export async function findingsOf(
  world: World,
  union: Union,
  members: readonly SimMachine[],
): Promise<readonly string[]> {
  return [
    ...union.mistaken.map(({ name }) => `${name} says that it is no member, and by what it has it is one`),
    ...members.flatMap((member) => membershipFindings(world, union, member)),
    ...members.flatMap((member) => namingFindings(world, union, member)),
    ...union.stores
      .filter(({ removed }) => !removed)
      .flatMap((store) =>
        members.flatMap((member) => unlessDamaged(member, () => storeFindings(world, union, store, member))),
      ),
    ...(await lossFindings(world, union)),
    ...(await logFindings(members)),
    ...(await authenticFindings(members)),
    ...historyFindings(world, union),
    ...reissueFindings(world, union),
  ];
}

/** That a node knows the members and the stores that there are, and no others. */
function membershipFindings(
  world: World,
  { reference, meshPast, stores, mesh }: Union,
  { name, node }: SimMachine,
): string[] {
  const home = meshOf(node);
  if (!home) return [];
  const findings: string[] = [];
  for (const machine of world.machines.values()) {
    const shown = home.peers().find(({ nodeId }) => equalBytes(nodeId, machine.nodeId))?.status ?? 'nobody';
    const isIn = reference.isMember(machine.nodeId);
    if ((shown === 'member') !== isIn)
      findings.push(`${name} holds ${machine.name} for ${shown}, and it is ${isIn ? 'a' : 'no'} member`);
  }
  const listed = home.stores().map(({ uuid }) => uuid);
  const expected = stores.filter(({ removed }) => !removed).map(({ uuid }) => uuid);
  if (listed.toSorted().join() !== expected.toSorted().join())
    findings.push(
      `${name} has the stores ${listed.join(' ')}, and those that count are ${expected.join(' ')}`,
    );
  const counts = (entry: Known) => reference.counts(entry);
  const digest = digestOfKept(keptBy(meshPast, counts, reference.keptBesides(mesh, meshPast)));
  if (toHex(home.status().digest) !== digest)
    findings.push(`${name} keeps something else of the mesh store than it should`);
  return findings;
}

/** What is damaged on a disk, and was not fetched again, cannot be looked at: the node says so. */
export function unlessDamaged({ wasDamaged }: SimMachine, look: () => string[]): string[] {
  try {
    return look();
  } catch (error) {
    if (wasDamaged && error instanceof LatticeError && error.code === 'log-damaged') return [];
    throw error;
  }
}

/** That a store shows what the rules make of its history, and nothing else. */
function storeFindings(
  world: World,
  { reference, aside }: Union,
  store: UnionStore,
  { name, node }: SimMachine,
): string[] {
  const here = meshOf(node)
    ?.stores()
    .find(({ uuid }) => uuid === store.uuid);
  if (!here) return [];
  const { past } = store;
  const counts = (entry: Known) => reference.countsIn(store.id, past, entry);
  const where = `${name}, ${store.name}`;
  const findings = [
    ...countingFindings(where, past, counts, here),
    ...contentFindings(where, past, counts, here),
  ];
  const kept = keptBy(past, counts, reference.keptBesides(store.id, past));
  const digest = digestOfKept(kept);
  const { digest: own, missing, heldAuthors, warnings } = here.status();
  if (toHex(own) !== digest) findings.push(`${where}: keeps something else than it should`);
  // What a revoked node wrote last may wait for ever: nobody asks that node any more, nor for what else it alone has.
  const waitsFor = missing.filter(
    (one) =>
      reference.isMember(one.author) &&
      !world.forgone.has(toHex(one.entry)) &&
      !world.tookAway.has(toHex(one.entry)) &&
      (past.get(toHex(one.entry)) !== undefined || !aside.has(toHex(one.entry))) &&
      isThere(world, past, kept, one),
  );
  // What thieves claim need not ever come.
  const heldFrom = heldAuthors.filter(
    ({ author }) => reference.isMember(author) && !world.isStolen(idKey(author)),
  );
  if (waitsFor.length > 0 || heldFrom.length > 0)
    findings.push(`${where}: something waits still: ${warnings.join(' ')}`);
  return findings;
}

function countingFindings(
  where: string,
  past: Past,
  counts: (entry: Known) => boolean,
  store: Store,
): string[] {
  const applied = new Map(
    [...store.history()].map(({ entry, counts: isCounted }) => [toHex(entry), isCounted]),
  );
  return past.entries.flatMap((entry) => {
    const [isCounted, must] = [applied.get(entry.key) ?? false, counts(entry)];
    if (isCounted === must) return [];
    return [`${where}: ${refText(entry)} ${isCounted ? 'counts, and must not' : 'must count, and does not'}`];
  });
}

function contentFindings(
  where: string,
  past: Past,
  counts: (entry: Known) => boolean,
  store: Store,
): string[] {
  const replaced = replacedIn(past, counts);
  const isApplied = (entry: Known) => counts(entry) && !replaced.has(entry);
  if (store.type === 'log') return differences(where, logContents(store), logReference(past, isApplied));
  if (store.type !== 'kv') return [];
  const { contents, keys } = kvReference(past, isApplied);
  return differences(where, kvContents(store, keys), contents);
}

function differences(where: string, shown: Contents, right: Contents): string[] {
  if (shown.join('\n') === right.join('\n')) return [];
  const wrong = shown.filter((text) => !right.includes(text)).map((text) => `shows ${text}`);
  const lacks = right.filter((text) => !shown.includes(text)).map((text) => `should show ${text}`);
  const all = [...wrong, ...lacks];
  return [`${where}: ${all.length === 0 ? 'another order than it should be' : all.slice(0, 6).join('; ')}`];
}

/** In a log, every entry stands behind all that it names, and once. */
async function logFindings(members: readonly SimMachine[]): Promise<string[]> {
  const findings: string[] = [];
  for (const { name, disk, wasDamaged } of members) {
    if (wasDamaged) continue;
    const seen = new Set<string>();
    for (const { uuid, entry, hash } of await entriesOn(disk)) {
      const key = `${uuid}/${toHex(hash)}`;
      if (seen.has(key)) findings.push(`${name}: ${toHex(hash).slice(0, 8)} is in a log twice`);
      seen.add(key);
      const missing = entry.deps.find((dep) => !seen.has(`${uuid}/${toHex(dep.hash)}`));
      const isRootless = entry.seq > 1 && !seen.has(`${uuid}/${toHex(entry.prev)}`);
      if (missing || isRootless)
        findings.push(`${name}: ${toHex(hash).slice(0, 8)} stands in a log before its ancestor`);
    }
  }
  return findings;
}

/** What honest nodes never do: fork where nobody copied their disk, claim a time of nobody's clock, or one before what they saw. */
function historyFindings(world: World, { meshPast, stores }: Union): string[] {
  const pasts = [
    ['the mesh store', meshPast] as const,
    ...stores.map(({ name, past }) => [name, past] as const),
  ];
  return [...world.machines.values()].flatMap((machine) =>
    pasts.flatMap(([where, past]) => {
      const own = past.entries.filter(({ entry }) => equalBytes(entry.author, machine.nodeId));
      return [...forksOf(machine, own), ...timesOf(world, machine, own)].map(
        (what) => `${machine.name}, ${where}: ${what}`,
      );
    }),
  );
}

/** What a node had to go on without, and what it wrote in its place, part there: that is nobody's fault. */
function forksOf({ mayFork, hasRepaired, letGo }: SimMachine, own: readonly Known[]): string[] {
  if (mayFork) return [];
  const byPrev = new Map<string, readonly Known[]>();
  for (const one of own) {
    if (letGo.has(one.key)) continue;
    const prev = toHex(one.entry.prev);
    byPrev.set(prev, [...(byPrev.get(prev) ?? []), one]);
  }
  const forked = [...byPrev.values()].find((all) => all.length > 1 && !(hasRepaired && isReissueFork(all)));
  return forked ? [`forked at ${forked[0]?.entry.seq}, though nobody copied its disk`] : [];
}

/** A twin's clock is as good as its own. */
function timesOf(world: World, { nodeId }: SimMachine, own: readonly Known[]): string[] {
  if (world.isStolen(idKey(nodeId))) return [];
  const clocks = [...world.machines.values()].filter((one) => equalBytes(one.nodeId, nodeId));
  const latestMs = Math.max(...clocks.map(({ clock }) => clock.latestMs));
  const late = own.find(({ entry }) => {
    const claimsMs = hlcToMs(entry.hlc);
    return claimsMs < world.inOrderSinceMs && claimsMs > latestMs + maxDriftMs + 1_000;
  });
  return late
    ? [`${refText(late)} claims ${hlcToMs(late.entry.hlc) - latestMs} ms more than its clock ever said`]
    : [];
}

/** Thieves name what there is not, and what nobody keeps. */
function isThere(
  { thieves }: World,
  past: Past,
  kept: ReadonlySet<Known>,
  { author, seq, entry }: MissingEntry,
): boolean {
  const found = past.get(toHex(entry));
  const isIt = found && kept.has(found) && found.entry.seq === seq && equalBytes(found.entry.author, author);
  return thieves.size === 0 || isIt === true;
}

/** What counts, what the rules name, and all ancestors. */
function keptBy(
  past: Past,
  counts: (entry: Known) => boolean,
  besides: readonly Known[],
): ReadonlySet<Known> {
  const kept = new Set<Known>();
  const todo = [...past.entries.filter(counts), ...besides];
  for (let one = todo.pop(); one; one = todo.pop()) {
    if (kept.has(one)) continue;
    kept.add(one);
    todo.push(...one.named);
  }
  return kept;
}

function digestOfKept(kept: ReadonlySet<Known>): string {
  const followed = new Set([...kept].map(({ previous }) => previous));
  return toHex(digestOf([...kept].filter((one) => !followed.has(one)).map(({ hash }) => hash)));
}

function refText({ entry, key }: Known): string {
  return `${toHex(entry.author).slice(0, 6)}/${entry.seq} (${key.slice(0, 8)})`;
}
