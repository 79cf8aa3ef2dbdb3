import { counted } from '@lattice/model';
import { named } from '../output/printable.js';
import { clipped } from '../output/wrapped.js';
import type { MeshReport, StatusReport, StoreReport } from './report.js';
import { seenText } from './seen-text.js';
import { type Standing, standingsOf } from './standing.js';

/** From best to worst. */
const states = [
  'in-sync',
  'offline',
  'syncing',
  'not-in-sync',
  'only-here',
  'alone',
  'former',
  'damaged',
  'no-mesh',
] as const;

/**
 * The answer to "is my data safe, and are we in sync?":
 * - `in-sync`: every other member has all that this node has, or had when it was last heard
 * - `offline`: the same, but this node's own network does not run
 * - `syncing`: every one that has not is connected
 * - `not-in-sync`: some member lacks something, or has not said what it has; or this node itself waits for entries
 * - `only-here`: no other member has all, and none is connected
 * - `alone`: there is no other member
 * - `former`: this node is no member any more
 * - `damaged`: the log of a store is damaged on this disk; what else there is to say is said behind it
 * - `no-mesh`: it is in no mesh
 */
export type State = (typeof states)[number];

export interface Verdict {
  readonly state: State;
  /** On one line, for people. */
  readonly text: string;
}

/** How many members a verdict names. */
const namedMax = 3;

/** What a verdict takes beside the mesh: whether this node is online, and what time it is. */
type Moment = Pick<StatusReport, 'node' | 'nowMs'>;

export function meshVerdict(mesh: MeshReport, moment: Moment): Verdict {
  const verdict = verdictOnMembers(mesh, moment);
  const damaged = mesh.stores.filter(({ damagedPlaces }) => damagedPlaces > 0);
  if (damaged.length === 0) return verdict;
  return { state: 'damaged', text: `${damagedText(damaged)} ${verdict.text}` };
}

function damagedText(stores: readonly StoreReport[]): string {
  const names = stores.slice(0, namedMax).map(({ name }) => named(clipped(name, 24)));
  const more = stores.length - names.length;
  const which =
    stores.length === 1
      ? `store ${names.join()} is`
      : `stores ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''} are`;
  return `Damaged: the ${which} damaged on this disk.`;
}

function verdictOnMembers(mesh: MeshReport, moment: Moment): Verdict {
  const self = mesh.peers.find((peer) => peer.self);
  const all = standingsOf(mesh);
  const elsewhere = all.filter(({ kind }) => kind === 'elsewhere').length;
  const standings = all.filter(({ kind }) => kind !== 'elsewhere');
  if (self?.status !== 'member')
    return {
      state: 'former',
      text: 'No member any more: what this node writes counts nowhere. Join again with a new data directory.',
    };
  if (all.length === 0)
    return {
      state: 'alone',
      text: 'Alone: this mesh has no other member: nothing is copied anywhere. `mesh invite` adds one.',
    };
  if (standings.length === 0)
    return {
      state: 'not-in-sync',
      text: `Not in sync: this node is linked with none of the ${elsewhere} other members, and knows of none what it has.`,
    };
  if (standings.every(({ kind }) => kind === 'in-sync'))
    return allHaveAll(standings, elsewhere, mesh, moment);
  const details = detailsText(standings, moment.nowMs);
  const behind = standings.filter(({ kind }) => kind !== 'in-sync');
  if (behind.every(({ peer }) => peer.online)) return { state: 'syncing', text: `Syncing: ${details}.` };
  const onlyHere = entriesOnlyHere(standings, mesh);
  if (onlyHere === 0) return { state: 'not-in-sync', text: `Not in sync: ${details}.` };
  const entriesAre = counted(onlyHere, 'entry is', 'entries are');
  return {
    state: 'only-here',
    text: `Only here: ${entriesAre} on no other member, as far as is known: ${details}.`,
  };
}

/** `elsewhere`: how many members there are beside, that get what is new through these. */
function allHaveAll(
  standings: readonly Standing[],
  elsewhere: number,
  { stores }: MeshReport,
  { node }: Moment,
): Verdict {
  const [only, ...others] = standings;
  const isOne = only !== undefined && others.length === 0;
  const linked = elsewhere === 0 ? '' : ' linked with this node';
  const all = isOne ? label(only) : `${standings.length} of ${counted(standings.length, 'member')}${linked}`;
  const [have, had] = isOne ? ['has', 'had'] : ['have', 'had'];
  const pending = stores.reduce((sum, store) => sum + store.pending, 0);
  const held = stores.reduce((sum, store) => sum + store.held, 0);
  const buts = [
    ...(pending > 0
      ? [`${counted(pending, 'entry waits', 'entries wait')} here for others that have not come`]
      : []),
    ...(held > 0 ? [`${counted(held, 'entry is', 'entries are')} held here, dated ahead of this clock`] : []),
  ];
  if (buts.length > 0)
    return {
      state: 'not-in-sync',
      text: `Not in sync: ${all} ${have} all that this node has, but ${buts.join(', and ')}.`,
    };
  if (node.addresses.length === 0)
    return {
      state: 'offline',
      text: `Offline: ${all} ${had} all that this node has, when last heard. What is new there is not known here.`,
    };
  if (!standings.some(({ peer }) => peer.online))
    return {
      state: 'in-sync',
      text: `In sync: ${all} ${had} all that this node has, when last heard. No other member is online.`,
    };
  const rest =
    elsewhere === 0 ? '' : ` ${counted(elsewhere, 'more gets', 'more get')} it through them once online.`;
  return { state: 'in-sync', text: `In sync: ${all} ${have} all that this node has.${rest}` };
}

export interface JudgedMesh {
  readonly mesh: MeshReport;
  readonly verdict: Verdict;
}

/** Every mesh with its verdict, the worst first. */
export function judgedMeshes(report: StatusReport): readonly JudgedMesh[] {
  return report.meshes
    .map((mesh) => ({ mesh, verdict: meshVerdict(mesh, report) }))
    .sort((a, b) => states.indexOf(b.verdict.state) - states.indexOf(a.verdict.state));
}

/** Of all meshes: the worst. */
export function verdictOf(report: StatusReport): Verdict {
  const [first, ...others] = judgedMeshes(report);
  if (first === undefined)
    return {
      state: 'no-mesh',
      text: 'No mesh yet: `mesh create` makes one, `mesh join <token>` joins one.',
    };
  const { state, text } = first.verdict;
  if (others.length === 0) return { state, text };
  if (state === 'in-sync')
    return { state, text: `In sync: the other members of all ${others.length + 1} meshes have all.` };
  const name = first.mesh.name === '' ? first.mesh.meshId.slice(0, 8) : named(clipped(first.mesh.name, 24));
  const as = others.filter(({ verdict }) => verdict.state === state).length;
  const more = as === 0 ? '' : ` So it is in ${counted(as, 'other mesh', 'other meshes')}.`;
  return { state, text: `In the mesh ${name}: ${text}${more}` };
}

/**
 * Entries that nobody else has, going by counts: per store, what the member lacks that lacks least. None, where some member
 * may have all, or is about to.
 */
function entriesOnlyHere(standings: readonly Standing[], { meshId, stores }: MeshReport): number {
  if (standings.some(({ peer, kind }) => peer.online || kind !== 'lacks')) return 0;
  const lacked = (storeId: string) =>
    standings.map(({ peer }) => peer.stores.find((store) => store.storeId === storeId)?.lacks ?? 0);
  return [meshId, ...stores.map(({ storeId }) => storeId)].reduce(
    (sum, storeId) => sum + Math.min(...lacked(storeId)),
    0,
  );
}

function detailsText(standings: readonly Standing[], nowMs: number): string {
  const behind = standings.filter(({ kind }) => kind !== 'in-sync');
  const [only, ...others] = standings.filter(({ kind }) => kind === 'in-sync');
  const shown = behind.slice(0, namedMax).map((standing) => behindText(standing, nowMs));
  const more = behind.length - namedMax;
  if (more > 0) shown.push(`${more} more ${more === 1 ? 'is' : 'are'} not up to date either`);
  if (only !== undefined)
    shown.push(
      others.length === 0 ? `${label(only)} is up to date` : `${others.length + 1} members are up to date`,
    );
  return shown.join('; ');
}

function behindText(standing: Standing, nowMs: number): string {
  const { peer, kind, lacks } = standing;
  const who = peer.online ? label(standing) : `${label(standing)} (${seenText(peer, nowMs)})`;
  switch (kind) {
    case 'lacks':
      return `${who} lacks ${counted(lacks, 'entry', 'entries')}`;
    case 'differs':
      return `${who} ${peer.online ? 'has' : 'had'} something else`;
    case 'unknown':
    case 'elsewhere':
    case 'in-sync':
      return `${who} has not said what it has`;
  }
}

function label({ peer }: Standing): string {
  return peer.name === '' ? peer.nodeId.slice(0, 8) : named(clipped(peer.name, 24));
}
