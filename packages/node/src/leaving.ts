import type { Replica } from '@lattice/kernel';
import { counted, type EntryRef, idKey, type IdKey, LatticeError, toHex } from '@lattice/model';
import type { LinkSyncReport } from '@lattice/net';
import type { NodeContext } from './context.js';
import type { LocalMesh } from './local-mesh.js';
import type { PeerManager } from './peer-manager.js';
import { syncAll, syncOver } from './sync-all.js';

export interface LeaveOptions {
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** Called before the first step that cannot be taken back. */
  readonly onDecided: () => void;
}

/** A node that is about to leave a mesh. */
export interface Leaver {
  readonly mesh: LocalMesh;
  readonly meshStore: Replica;
  readonly peers: PeerManager;
  readonly context: NodeContext;
}

/**
 * Syncs everything until some other member is known to have all that may be nowhere else. Throws `last-member` or
 * `unsynced-entries` where there is none. Once the signal fires, nothing is promised.
 */
export async function syncUntilNothingIsLost(leaver: Leaver, signal: AbortSignal): Promise<void> {
  const { mesh, peers } = leaver;
  const first = await syncAll(mesh, peers, signal);
  if (signal.aborted) return;
  if (othersOf(leaver).size === 0) throw lastMember(leaver);
  if (risksOf(leaver, first.reports).length === 0) return;
  // A sync finds out what the peer had before it: the next one, what came of this one.
  const second = await syncOver(peers.linksSharing(mesh.id), mesh, signal);
  if (signal.aborted) return;
  const risks = risksOf(leaver, [...first.reports, ...second.reports]);
  if (risks.length > 0) throw unsynced(risks);
}

/** Syncs what can be synced within some seconds, for whoever leaves by force. Never rejects. */
export async function syncWhatCanBe({ mesh, peers, context }: Leaver, signal: AbortSignal): Promise<void> {
  const limit = new AbortController();
  const stop = () => limit.abort();
  const cancel = context.timers.after(forcedSyncMaxMs, stop);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await syncAll(mesh, peers, limit.signal);
  } catch (error) {
    // Where there is no network to be had, leaving by force needs none.
    context.logger.log('debug', 'nothing was synced before leaving', { reason: String(error) });
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Whether what says that this node leaves is written: leaving by force goes on where a clock that is set to before this node was
 * let in refuses it, as it counted nowhere; and where damage keeps this node from writing to the mesh at all.
 */
export async function departureIsWritten(writing: Promise<void>, force: boolean): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (error) {
    const cannotBe = error instanceof LatticeError && ['clock-behind', 'store-damaged'].includes(error.code);
    if (force && cannotBe) return false;
    throw error;
  }
}

/** Entries of one store that may be nowhere else. */
interface Risk {
  /** For people. */
  readonly store: string;
  /** At most how many. */
  readonly entries: number;
}

function risksOf(leaver: Leaver, reports: readonly LinkSyncReport[]): readonly Risk[] {
  const others = othersOf(leaver);
  const known = new Set(reports.flatMap(({ knownToPeer }) => knownToPeer.map(({ hash }) => idKey(hash))));
  const risks = leaver.mesh.stores().map(({ name, replica }) => ({
    store: `"${name}"`,
    entries: entriesOnlyHere(replica, others, known),
  }));
  if (!hasSomebodyTheSame(leaver))
    risks.push({ store: 'the mesh itself', entries: entriesOnlyHere(leaver.meshStore, others, known) });
  return risks.filter(({ entries }) => entries > 0);
}

/**
 * At most how many: what another member wrote, that one has. `known`: tips that some other member has, by hash. Of a damaged
 * log nobody knows what lies behind the hole.
 */
function entriesOnlyHere(replica: Replica, others: ReadonlySet<IdKey>, known: ReadonlySet<IdKey>): number {
  const own = replica
    .tips()
    .filter(({ author, hash }: EntryRef) => !others.has(idKey(author)) && !known.has(idKey(hash)));
  const { damaged, pending } = replica.status();
  return own.reduce((sum, { seq }) => sum + seq, damaged ? Math.max(1, pending) : 0);
}

/** Every member has written to the mesh store, so that going by this sync alone nobody could leave unconnected. */
function hasSomebodyTheSame({ mesh, meshStore, peers, context }: Leaver): boolean {
  const digest = toHex(meshStore.digest());
  return mesh
    .memberIds()
    .some(
      (node) => idKey(node) !== idKey(context.key.nodeId) && peers.heldBy(node, mesh.id)?.digest === digest,
    );
}

function othersOf({ mesh, context }: Leaver): ReadonlySet<IdKey> {
  const others = new Set(mesh.memberIds().map(idKey));
  others.delete(idKey(context.key.nodeId));
  return others;
}

function lastMember({ mesh }: Leaver): LatticeError {
  const nobody: ReadonlySet<IdKey> = new Set();
  const entries = mesh
    .stores()
    .reduce((sum, { replica }) => sum + entriesOnlyHere(replica, nobody, nobody), 0);
  const what = entries === 0 ? 'the mesh' : `all ${counted(entries, 'entry', 'entries')}`;
  return new LatticeError(
    'last-member',
    `There is no other member of "${mesh.name}": leaving loses ${what} for good. Invite another node first to keep it, or leave with --force.`,
  );
}

function unsynced(risks: readonly Risk[]): LatticeError {
  const names = risks.slice(0, namesMax).map(({ store }) => store);
  const more = risks.length > namesMax ? ` and ${risks.length - namesMax} more` : '';
  const entries = risks.reduce((sum, risk) => sum + risk.entries, 0);
  return new LatticeError(
    'unsynced-entries',
    `No other member is known to have up to ${counted(entries, 'entry', 'entries')} in ${names.join(', ')}${more}: see that another member is running and can be reached, and that this node's clock is not ahead, then leave again; or lose them with --force.`,
  );
}

/** How many stores an error lists. */
const namesMax = 5;

/** How long leaving by force goes on syncing. */
const forcedSyncMaxMs = 10_000;
