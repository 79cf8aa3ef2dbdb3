import {
  assert,
  equalBytes,
  type Hash,
  LatticeError,
  type LocalRef,
  type NodeId,
  type StateView,
  TimeSlice,
} from '@lattice/model';
import { CheckedLog } from './checked-log.js';
import type { CommitLoop } from './commit-loop.js';
import { leftBehind } from './left-behind.js';
import { unlessDamaged } from './log-reader.js';
import type { Rebuild } from './projection.js';
import type { ReplicaCore } from './replica-core.js';
import { indexTables, StateBeside } from './state-beside.js';
import type { CheckOptions } from './store-check.js';
import { type Difference, TableComparison } from './table-comparison.js';

/** What of the index may have to be put right, as keys and values: more means that little of it is any good. */
const correctionsBytesMax = 256 * 1024 * 1024;

export interface RebuildOptions extends CheckOptions {
  /** Even where the log has lost what the state has now. */
  readonly force?: boolean | undefined;
  /** Go on without what was lost, this node's own entries included; those that went on from it are issued again. */
  readonly acceptLoss?: boolean | undefined;
  /** What is to be done before anything is written again. */
  readonly andThen?: (() => Promise<void>) | undefined;
}

export interface Rebuilt {
  /** What the state is computed from. */
  readonly entries: number;
  /** Entries that stay in the log, and out of the state, since they go on from what was lost and others wrote them. */
  readonly givenUp: number;
  /** Entries of this node that went on from what was lost, and were issued again. */
  readonly reissued: number;
  /** Entries that the state had and has no more. */
  readonly lost: number;
  /** Stretches of the log that were damaged, and are gone on without. */
  readonly places: number;
}

/**
 * Computes index and state anew from what the log holds, while the old ones serve, and then puts them in the place of those
 * in one transaction. Writes wait while the new state is copied, reads never do.
 */
export async function rebuildStore(
  live: ReplicaCore,
  loop: CommitLoop,
  self: NodeId,
  { signal, onProgress, force, acceptLoss, andThen }: RebuildOptions,
): Promise<Rebuilt> {
  const log = new CheckedLog(
    live.options.storage.log,
    live.options.id,
    () => undefined,
    (tally) => {
      signal?.throwIfAborted();
      onProgress?.({ ...tally, compared: 0 });
    },
  );
  for (;;) {
    await using beside = await StateBeside.compute(live, log);
    let rebuilt: Rebuilt | undefined;
    await loop.inTurn(async () => {
      if (beside.isOutdated) return;
      await beside.follow();
      if (acceptLoss) requireSomeOfMesh(beside);
      else requireOwnEntries(beside, self);
      if (!acceptLoss && !force) requireAll(beside);
      const before = live.state.dag.nextRef;
      await putInPlace(beside, signal, (compared) => onProgress?.({ ...log.tally, compared }));
      const entries = beside.core.state.dag.nextRef;
      const { standIns, ...accepted } = acceptLoss ? await acceptLossOf(live, loop, self) : nothingLost;
      await andThen?.();
      rebuilt = { entries, lost: Math.max(0, before - entries - standIns), ...accepted };
    });
    if (rebuilt !== undefined) return rebuilt;
  }
}

interface Accepted extends Pick<Rebuilt, 'givenUp' | 'reissued' | 'places'> {
  /** For how many entries that are not in the state any more something stands in that is. */
  readonly standIns: number;
}

const nothingLost: Accepted = { givenUp: 0, reissued: 0, standIns: 0, places: 0 };

/** Only once all is issued again that this node has a say in: until then the loss stands, whatever happens, and nothing is written. */
async function acceptLossOf(live: ReplicaCore, loop: CommitLoop, self: NodeId): Promise<Accepted> {
  const left = await leftBehind(live, self);
  const { entries: reissued, inAll: standIns } = await loop.reissue(left);
  return { givenUp: left.entries - standIns, reissued, standIns, places: await live.giveUp() };
}

/**
 * Without its own last entry a node would write another one in its place: a fork. One that is in the log all the same, and
 * waits for what was lost, is not forgotten: until that is back, nothing is written.
 */
function requireOwnEntries({ core, live }: StateBeside, self: NodeId): void {
  for (const { author, tipSeq, tipHash, tipRef } of live.state.dag.index.chains.of(self)) {
    const isThere = core.state.dag.index.find({ author, seq: tipSeq, hash: tipHash }) !== undefined;
    if (isThere || (core.waiting.hasLogged && isInLog(live, tipRef, tipHash))) continue;
    // Nor does it go on from what it has issued again.
    if (core.state.dag.replacements.naming(self, tipHash)) continue;
    throw new LatticeError(
      'store-damaged',
      'The log has lost the last entry that this node wrote, which only the old state knows of: with a new one this node would fork its own history. Nothing was changed. Restore a backup, or rebuild with --accept-loss: what others wrote that goes on from what was lost is then out of the state, too.',
    );
  }
}

/** A mesh of which nobody knows anything any more has no members, and its stores no mesh. */
function requireSomeOfMesh({ core, live }: StateBeside): void {
  const isSomeLeft = core.state.dag.nextRef > 0 || core.waiting.hasLogged;
  if (!core.state.projectUncounted || isSomeLeft || live.state.dag.nextRef === 0) return;
  throw new LatticeError(
    'log-lost-entries',
    'The log has lost all that it said of the mesh: without that this node would be in no mesh any more. Nothing was changed, and what is in the stores can be read. Have a member bring it back, or restore a backup; where there is neither, export the stores, and import them into a new mesh.',
  );
}

function isInLog({ reader, state }: ReplicaCore, ref: LocalRef, wanted: Hash): boolean {
  const { offset, index } = state.dag.index.entry(ref);
  const hash = unlessDamaged(() => reader.bundle(offset))?.hashes[index];
  return hash !== undefined && equalBytes(hash, wanted);
}

/** What only the old state shows may be the last copy of it. */
function requireAll({ core, live }: StateBeside): void {
  const lost = live.state.dag.nextRef - core.state.dag.nextRef;
  if (lost <= 0) return;
  throw new LatticeError(
    'log-lost-entries',
    `The log has lost ${lost} entries that the state still shows: with a new one this node would lack them until a member brings them. Nothing was changed. See that members have them, or export them; then rebuild with --force.`,
  );
}

async function putInPlace(
  beside: StateBeside,
  signal: AbortSignal | undefined,
  onCopied: (keys: number) => void,
): Promise<void> {
  const { live, core } = beside;
  const { kv, meta, dag, eras, holes, projection } = live.state;
  // What was wrong with the state may be wrong with its checkpoint, too.
  await live.options.checkpoints?.drop();
  const ownNumber = meta.number('own-chain');
  const ownTip = ownNumber === undefined ? undefined : dag.index.chains.at(ownNumber);
  const rebuild = await projection.beginRebuild();
  await copyState(live, core.state.projection.state, rebuild, signal, onCopied);
  const corrections = await correctionsOf(beside, signal);
  const tables = new Map([...indexTables, ...rulesTables].map((name) => [name as string, kv.table(name)]));
  kv.transaction(() => {
    for (const { table: name, key, wanted } of corrections) {
      const table = tables.get(name);
      assert(table, 'what is corrected is one of these tables');
      if (wanted) table.put(key, wanted);
      else table.remove(key);
    }
    for (const name of ['invalid', 'needs-upgrade'] as const) {
      const count = core.state.meta.number(name);
      if (count === undefined) meta.remove(name);
      else meta.setNumber(name, count);
    }
    const own = ownTip && core.state.dag.index.find({ ...ownTip, seq: ownTip.tipSeq, hash: ownTip.tipHash });
    if (own) meta.setNumber('own-chain', own.chain);
    else meta.remove('own-chain');
    meta.cursor = core.state.meta.cursor;
    holes.replaceWith(core.state.holes);
    meta.remove('recounting');
    meta.remove('checkpoint');
    rebuild.swap();
    eras.renew();
  });
  live.reload();
  // Before anybody else runs: chains may have other numbers now than in what was published.
  live.changed();
  await rebuild.discardOld();
  // What waits for a hole to be filled waits in the live store, too.
  if (core.waiting.hasLogged) await live.follow();
}

/** By whose rules the state counts. */
const rulesTables = ['rules', 'named'] as const;

async function copyState(
  live: ReplicaCore,
  from: StateView,
  rebuild: Rebuild,
  signal: AbortSignal | undefined,
  onCopied: (keys: number) => void,
): Promise<void> {
  const slice = new TimeSlice(live.options.timers);
  const pairs = from.range()[Symbol.iterator]();
  let copied = 0;
  for (let isDone = false; !isDone;) {
    signal?.throwIfAborted();
    live.state.kv.transaction(() => {
      do {
        const { value, done } = pairs.next();
        isDone = done === true;
        if (done) return;
        rebuild.put(value[0], value[1]);
        copied++;
      } while (!slice.isOver);
    });
    onCopied(copied);
    await slice.rest();
    await live.state.kv.room();
  }
}

async function correctionsOf(
  beside: StateBeside,
  signal: AbortSignal | undefined,
): Promise<readonly Difference[]> {
  const corrections: Difference[] = [];
  let bytes = 0;
  const comparison = new TableComparison(beside.pairs([...indexTables, ...rulesTables]));
  const slice = new TimeSlice(beside.live.options.timers);
  const add = (difference: Difference) => {
    bytes += difference.key.length + (difference.wanted?.length ?? 0);
    corrections.push(difference);
  };
  while (!comparison.step(() => slice.isOver, add)) {
    signal?.throwIfAborted();
    if (bytes > correctionsBytesMax) {
      throw new LatticeError(
        'state-damaged',
        "Nearly nothing of the store's index is as it should be: stop the node, delete the store's state.db, and start it again. Nothing was changed.",
      );
    }
    await slice.rest();
  }
  return corrections;
}
