import { type EntryRef, idKey, LatticeError, type NodeId } from '@lattice/model';
import type { LinkSyncReport } from '@lattice/net';
import type { LocalMesh } from './local-mesh.js';
import type { LocalStore } from './local-store.js';

export interface LeaveOptions {
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** Called before the first step that cannot be taken back. */
  readonly onDecided: () => void;
}

/**
 * Throws `last-member` or `unsynced-entries` where leaving would lose entries. `reports`: of the syncs just made; after one
 * that went well, the peer has all that is here of that store.
 */
export function requireNothingLost(mesh: LocalMesh, self: NodeId, reports: readonly LinkSyncReport[]): void {
  const others = new Set(mesh.memberIds().map(idKey));
  others.delete(idKey(self));
  const safe = new Set(
    reports.filter(({ failure }) => failure === undefined).map(({ store }) => idKey(store)),
  );
  const atRisk = mesh
    .stores()
    .filter((store) => !safe.has(idKey(store.id)))
    .map((store) => ({ store, entries: entriesOnlyHere(store, others) }))
    .filter(({ entries }) => entries > 0);
  const entries = atRisk.reduce((sum, one) => sum + one.entries, 0);
  if (others.size === 0) throw lastMember(mesh, entries);
  if (entries > 0) throw unsynced(entries, atRisk);
}

/** At most how many: what another member wrote, that one has. */
function entriesOnlyHere({ replica }: LocalStore, others: ReadonlySet<string>): number {
  const own = replica.tips().filter(({ author }: EntryRef) => !others.has(idKey(author)));
  return own.reduce((sum, { seq }) => sum + seq, 0);
}

function lastMember({ name }: LocalMesh, entries: number): LatticeError {
  const what = entries === 0 ? 'the mesh' : `all ${count(entries)}`;
  return new LatticeError(
    'last-member',
    `There is no other member of "${name}": leaving loses ${what} for good. Invite another node first to keep it, or leave with --force.`,
  );
}

function unsynced(
  entries: number,
  atRisk: readonly { readonly store: LocalStore; readonly entries: number }[],
): LatticeError {
  const names = atRisk.slice(0, namesMax).map(({ store }) => `"${store.name}"`);
  const more = atRisk.length > namesMax ? ` and ${atRisk.length - namesMax} more` : '';
  return new LatticeError(
    'unsynced-entries',
    `No other member could be synced with, and up to ${count(entries)} in ${names.join(', ')}${more} may be nowhere else: see that another member is running and can be reached, then leave again; or lose them with --force.`,
  );
}

function count(entries: number): string {
  return `${entries.toLocaleString('en')} ${entries === 1 ? 'entry' : 'entries'}`;
}

/** How many stores an error lists. */
const namesMax = 5;
