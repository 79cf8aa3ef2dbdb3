import type { MeshReport, PeerReport, StatusReport, StoreReport } from '@lattice/cli/testing';

export const nowMs = Date.UTC(2026, 0, 1);
export const meshId = 'aaaaaaaa-0000-8000-8000-000000000000';
const mainId = 'bbbbbbbb-0000-8000-8000-000000000000';
const minuteMs = 60_000;

let made = 0;

/** This node, with a mesh of that make-up. */
export function report(changes: Partial<StatusReport> = {}, ...meshes: readonly MeshReport[]): StatusReport {
  return {
    node: {
      nodeId: '11'.repeat(32),
      name: 'kitchen',
      addresses: ['192.168.1.5:4242', '[fd00::5]:4242'],
      relay: 'off',
      dataDir: '/data',
      version: '0.1.0',
      isLasting: true,
    },
    meshes,
    warnings: [],
    nowMs,
    ...changes,
  };
}

export const offline = { node: { ...report().node, addresses: [], isLasting: false } };

/** A mesh of this node and those, with the store "main" and others. */
export function mesh(
  peers: readonly PeerReport[],
  { stores = [store({})], ...changes }: Partial<MeshReport> = {},
): MeshReport {
  const self = { ...peer('kitchen'), nodeId: '11'.repeat(32), self: true, stores: [] };
  return { meshId, name: 'home', current: true, peers: [self, ...peers], stores, ...changes };
}

export function store(changes: Partial<StoreReport>): StoreReport {
  return {
    storeId: mainId,
    name: 'main',
    type: 'kv',
    current: true,
    entries: 100,
    conflicts: 0,
    pending: 0,
    missing: [],
    held: 0,
    heldAuthors: [],
    forks: [],
    damagedPlaces: 0,
    warnings: [],
    ...changes,
  };
}

/** A member that is online and has everything. */
export function peer(name: string, changes: Partial<PeerReport> = {}): PeerReport {
  const nodeId = (++made).toString(16).padStart(8, '0').padEnd(64, '0');
  const path = 'direct 192.168.1.7:4242';
  const stores = [holds(meshId), holds(mainId)];
  return { nodeId, name, status: 'member', self: false, online: true, path, rttMs: 1.23, stores, ...changes };
}

/** The same, away for two hours. */
export function away(name: string, changes: Partial<PeerReport> = {}): PeerReport {
  const { path: _path, rttMs: _rttMs, ...rest } = peer(name);
  return { ...rest, online: false, lastSeenMs: nowMs - 120 * minuteMs, ...changes };
}

/** The same in a mesh of many, with others. */
export function elsewhere(name: string): PeerReport {
  const { online: _online, ...rest } = away(name, lacking(12));
  return rest;
}

function holds(storeId: string) {
  return { storeId, inSync: true, lacks: 0, asOfMs: nowMs - 120 * minuteMs };
}

/** What somebody has that lacks so many entries of main. */
export function lacking(lacks: number, storeId = mainId) {
  return { stores: [holds(meshId), { ...holds(storeId), inSync: false, lacks }] };
}
