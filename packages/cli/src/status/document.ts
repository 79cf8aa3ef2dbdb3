import { heldJson, missingJson } from '../commands/store-waiting.js';
import { timeText } from '../output/columns.js';
import type { Json } from '../output/json-text.js';
import type { MeshReport, PeerReport, StatusReport, StoreReport } from './report.js';
import { meshVerdict, type Verdict, verdictOf } from './verdict.js';

/** The same for programs. */
export function statusDocument(report: StatusReport): Json {
  const { node, meshes, warnings } = report;
  const { nodeId, name, addresses, relay, dataDir, version } = node;
  return {
    verdict: verdictJson(verdictOf(report)),
    node: { nodeId, name, online: addresses.length > 0, addresses, relay, dataDir, version },
    meshes: meshes.map((mesh) => meshJson(mesh, report)),
    warnings,
  };
}

function verdictJson({ state, text }: Verdict): Json {
  return { state, text };
}

function meshJson(mesh: MeshReport, report: StatusReport): Json {
  const { meshId, name, current, peers, stores } = mesh;
  return {
    meshId,
    name,
    current,
    verdict: verdictJson(meshVerdict(mesh, report)),
    peers: peers.map(peerJson),
    stores: stores.map(storeJson),
  };
}

/** As `mesh peers` has it, too. */
export function peerJson({ lastSeenMs, stores, ...peer }: PeerReport): Json {
  const { nodeId, name, status, online, self, path, rttMs, clockAheadMs, offence } = peer;
  return {
    nodeId,
    name,
    status,
    online: online ?? null,
    self,
    lastSeen: lastSeenMs === undefined ? null : timeText(lastSeenMs),
    path: path ?? null,
    rttMs: rttMs ?? null,
    clockAheadMs: clockAheadMs ?? null,
    offence: offence
      ? { reason: offence.reason, at: timeText(offence.atMs), barredMs: offence.barredMs }
      : null,
    stores: stores.map(({ storeId, inSync, lacks, asOfMs }) => ({
      storeId,
      inSync,
      lacks,
      asOf: timeText(asOfMs),
    })),
  };
}

function storeJson(store: StoreReport): Json {
  const { storeId, name, type, current, entries, conflicts, pending, held, damagedPlaces, warnings } = store;
  return {
    storeId,
    name,
    type,
    current,
    entries,
    conflicts,
    pending,
    missing: store.missing.map(missingJson),
    held,
    heldAuthors: store.heldAuthors.map(heldJson),
    forks: store.forks.map((one) => ({ ...one })),
    damagedPlaces,
    warnings,
  };
}
