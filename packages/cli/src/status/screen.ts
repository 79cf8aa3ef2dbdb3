import { counted } from '@lattice/model';
import { columns, shortId } from '../output/columns.js';
import type { Paint, Role } from '../output/paint.js';
import { harmless, named } from '../output/printable.js';
import { clipped, wrapped } from '../output/wrapped.js';
import { lacksText, pathText, peerName, rttText } from './peer-text.js';
import type { MeshReport, StatusReport, StoreReport } from './report.js';
import { seenAtText } from './seen-text.js';
import { type Standing, standingsOf } from './standing.js';
import { storeNotes } from './store-notes.js';
import { judgedMeshes, type State, verdictOf } from './verdict.js';

/** How much is shown of what there may be any number of: the most interesting first, and the rest in one line. */
const most = { meshes: 3, peers: 6, stores: 6, warnings: 6, addresses: 2 } as const;

export interface ScreenOptions {
  readonly paint: Paint;
  /** Of the terminal. */
  readonly width: number;
}

/** The status on one screen: the verdict, then what it rests on. */
export function statusScreen(report: StatusReport, { paint, width }: ScreenOptions): string {
  const { meshes, nowMs } = report;
  const verdict = verdictOf(report);
  const worstFirst = judgedMeshes(report);
  const shown = worstFirst.slice(0, most.meshes);
  const sections = shown.map((one) =>
    [
      paint.as('heading', meshTitle(one.mesh)),
      ...(meshes.length > 1 ? [wrapped(harmless(`  ${one.verdict.text}`), width, '  ')] : []),
      ...meshBody(one.mesh, nowMs, { paint, width }),
    ].join('\n'),
  );
  const rest = worstFirst.slice(most.meshes).map((one) => one.verdict.state);
  return [
    paint.as(colourOf(verdict.state), wrapped(harmless(verdict.text), width)),
    nodeText(report, width),
    ...sections,
    ...(rest.length === 0 ? [] : [moreText(rest.length, 'mesh', 'meshes', rest.every(isWell), 'mesh list')]),
    ...warningLines(report, { paint, width }),
  ].join('\n\n');
}

function isWell(state: State): boolean {
  return state === 'in-sync';
}

function colourOf(state: State): Role {
  if (state === 'in-sync') return 'good';
  return state === 'only-here' || state === 'former' || state === 'damaged' ? 'bad' : 'warning';
}

function nodeText({ node, meshes }: StatusReport, width: number): string {
  const { nodeId, name, addresses, isLasting } = node;
  const who = `Node ${name === '' ? '' : `${named(clipped(name, 24))} `}${shortId(nodeId)}`;
  if (addresses.length === 0) {
    const why = isLasting ? 'its network is not running' : '`lattice daemon` keeps it online';
    const isHeard = meshes.some((mesh) => standingsOf(mesh).length > 0);
    return wrapped(
      `${who}, offline: ${why}.${isHeard ? ' Of members, this is what they said last.' : ''}`,
      width,
    );
  }
  const shown = addresses.slice(0, most.addresses).join(', ');
  const more = addresses.length > most.addresses ? ` and ${addresses.length - most.addresses} more` : '';
  return wrapped(harmless(`${who} at ${shown}${more}`), width);
}

function meshTitle(mesh: MeshReport): string {
  const { name, meshId } = mesh;
  const others = standingsOf(mesh);
  const online = others.filter(({ peer }) => peer.online).length;
  const isLarge = others.some(({ kind }) => kind === 'elsewhere');
  const who = `Mesh ${name === '' ? '' : `${named(clipped(name, 24))} `}${shortId(meshId)}`;
  return others.length === 0
    ? `${who}: no other member`
    : `${who}: ${counted(others.length, 'other member')}, ${isLarge ? `linked with ${online}` : `${online} online`}`;
}

function meshBody(mesh: MeshReport, nowMs: number, { paint, width }: ScreenOptions): string[] {
  const standings = standingsOf(mesh);
  const stores = [...mesh.stores].sort(
    (a, b) => troubles(b) - troubles(a) || Number(b.current) - Number(a.current),
  );
  const notes = storeNotes(mesh).map((note) => wrapped(`  ${note}`, width, '    '));
  return [
    ...peerTable(standings, mesh, nowMs, paint),
    ...(standings.length > 0 && stores.length > 0 ? [''] : []),
    ...storeTable(stores, paint),
    ...(notes.length === 0 ? [] : [notes.join('\n')]),
  ];
}

function peerTable(standings: readonly Standing[], mesh: MeshReport, nowMs: number, paint: Paint): string[] {
  if (standings.length === 0) return [];
  const rows = standings.slice(0, most.peers).map((standing) => {
    const { peer, kind } = standing;
    return [
      `${peerName(peer)} ${paint.as('faint', shortId(peer.nodeId))}`,
      paint.as(peer.online ? 'good' : 'faint', seenAtText(peer, nowMs)),
      pathText(peer),
      rttText(peer),
      paint.as(lacksColour[kind], lacksText(standing, mesh)),
    ];
  });
  const rest = standings.slice(most.peers);
  const areWell = rest.every(({ kind }) => kind === 'in-sync' || kind === 'elsewhere');
  return [
    columns([headings(paint, 'member', 'seen', 'path', 'rtt', 'lacks'), ...rows], '  '),
    ...(rest.length === 0 ? [] : [`  ${moreText(rest.length, 'member', 'members', areWell, 'mesh peers')}`]),
  ];
}

const lacksColour: Record<Standing['kind'], Role> = {
  'in-sync': 'good',
  elsewhere: 'faint',
  lacks: 'warning',
  differs: 'warning',
  unknown: 'warning',
};

function storeTable(stores: readonly StoreReport[], paint: Paint): string[] {
  if (stores.length === 0) return [];
  const rows = stores
    .slice(0, most.stores)
    .map(({ name, storeId, type, current, entries, conflicts, pending, held }) => [
      `${named(clipped(name, 16))} ${paint.as('faint', shortId(storeId))}${current ? ' *' : ''}`,
      harmless(clipped(type, 8)),
      entries.toLocaleString('en'),
      ...[conflicts, pending, held].map((count) =>
        count === 0 ? '0' : paint.as('warning', count.toLocaleString('en')),
      ),
    ]);
  const rest = stores.slice(most.stores);
  return [
    columns([headings(paint, 'store', 'type', 'entries', 'conflicts', 'pending', 'held'), ...rows], '  '),
    ...(rest.length === 0
      ? []
      : [
          `  ${moreText(
            rest.length,
            'store',
            'stores',
            rest.every((one) => troubles(one) === 0),
            'store list',
          )}`,
        ]),
  ];
}

/** How much there is to say of a store. */
function troubles({ conflicts, pending, held, forks, warnings }: StoreReport): number {
  return conflicts + pending + held + forks.length + warnings.length;
}

function headings(paint: Paint, ...names: readonly string[]): string[] {
  return names.map((name) => paint.as('faint', name));
}

function warningLines({ warnings, meshes }: StatusReport, { paint, width }: ScreenOptions): string[] {
  const ofStores = meshes.flatMap(({ stores }) =>
    stores.flatMap((store) =>
      store.warnings.map((text) => `Store ${named(clipped(store.name, 24))}: ${text}`),
    ),
  );
  const all = [...warnings, ...ofStores];
  if (all.length === 0) return [];
  const lines = all
    .slice(0, most.warnings)
    .map((text) => `${paint.as('warning', 'warning:')} ${wrapped(harmless(text), width - 9, '  ')}`);
  if (all.length > most.warnings) lines.push(`and ${all.length - most.warnings} more: \`status --json\``);
  return [lines.join('\n')];
}

function moreText(count: number, one: string, many: string, areWell: boolean, command: string): string {
  return `and ${counted(count, `more ${one}`, `more ${many}`)}${areWell ? ', all well' : ''}: \`${command}\``;
}
