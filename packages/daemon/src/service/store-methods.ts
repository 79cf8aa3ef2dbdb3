import type { MessageInitShape, MissingSchema, SyncProgressSchema, SyncReportSchema } from '@lattice/api';
import { toHex } from '@lattice/model';
import type { MissingEntry, Node, Store, SyncProgress, SyncReport } from '@lattice/node';
import { reporting } from './reporting.js';
import type { Methods } from './service-context.js';
import { acceptedLossMessage } from './store-check-methods.js';
import { meshOf, storeOf } from './targets.js';

type StoreMethodNames =
  'storeCreate' | 'storeUse' | 'storeList' | 'storeStatus' | 'storeRename' | 'storeDelete' | 'storeSync';

export function storeMethods(node: Node): Methods<StoreMethodNames> {
  return {
    storeCreate: async ({ mesh: wanted, type, name }) => {
      const mesh = meshOf(node, wanted);
      const store = await mesh.createStore({
        ...(type === '' ? {} : { type }),
        ...(name === '' ? {} : { name }),
      });
      if (node.selection().store === undefined) node.select(mesh, store);
      return described(store, node);
    },

    storeUse: ({ target }) => {
      const store = storeOf(node, target);
      node.select(store.mesh, store);
      return { meshId: store.mesh.uuid, storeId: store.uuid, name: store.name };
    },

    storeList: (request) => ({
      stores: meshOf(node, request.mesh)
        .stores()
        .map((store) => described(store, node)),
    }),

    storeStatus: ({ target }) => {
      const store = storeOf(node, target);
      const status = store.status();
      return {
        storeId: store.uuid,
        name: store.name,
        type: status.type,
        entries: BigInt(status.entries),
        chains: BigInt(status.chains),
        pending: BigInt(status.pending),
        held: BigInt(status.held),
        forks: status.forks.map(({ author, branches }) => ({ author: toHex(author), branches })),
        digest: toHex(status.digest),
        needsUpgrade: BigInt(status.needsUpgrade),
        warnings: [...status.warnings],
        damagedPlaces: BigInt(status.damagedPlaces),
        acceptedLosses: status.acceptedLosses.map(acceptedLossMessage),
        maxTime: status.maxTime,
        conflicts: BigInt(status.conflicts),
        missing: status.missing.map(missingMessage),
        heldAuthors: status.heldAuthors.map(({ author, entries, aheadMs }) => ({
          author: toHex(author),
          entries: BigInt(entries),
          aheadMs: BigInt(Math.round(aheadMs)),
        })),
      };
    },

    storeRename: async ({ target, name }) => {
      const store = storeOf(node, target);
      const oldName = store.name;
      await store.rename(name);
      return { storeId: store.uuid, oldName };
    },

    storeDelete: async ({ target }) => {
      const store = storeOf(node, target);
      const { name } = store;
      const { freedBytes } = await store.delete();
      return { storeId: store.uuid, name, freedBytes: BigInt(freedBytes) };
    },

    async *storeSync({ target }, { signal }) {
      const store = storeOf(node, target);
      await node.startNetwork();
      for await (const event of reporting(signal, syncing(store))) {
        if (event.kind === 'progress') {
          const moved = [...event.progress.values()];
          event.progress.clear();
          for (const one of moved) yield { event: { case: 'progress', value: progressMessage(one) } };
        } else {
          for (const one of event.result) yield { event: { case: 'finished', value: reportMessage(one) } };
        }
      }
    },
  };
}

/** Tells of the peers with whom something moved since whoever listens took them out. */
function syncing(store: Store) {
  const moved = new Map<string, SyncProgress>();
  return (signal: AbortSignal, tell: (progress: typeof moved) => void) =>
    store.sync({
      signal,
      onProgress: (progress) => tell(moved.set(toHex(progress.peer), progress)),
    });
}

function missingMessage({
  author,
  seq,
  entry,
  waiting,
  sender,
}: MissingEntry): MessageInitShape<typeof MissingSchema> {
  return {
    author: toHex(author),
    seq: BigInt(seq),
    entry: toHex(entry),
    waiting: BigInt(waiting),
    sender: sender === undefined ? '' : toHex(sender),
  };
}

function described(store: Store, node: Node) {
  const current = node.selection().store?.uuid === store.uuid;
  return { storeId: store.uuid, name: store.name, type: store.type, current };
}

function progressMessage({
  peer,
  sentEntries,
  receivedEntries,
  toSend,
  toReceive,
}: SyncProgress): MessageInitShape<typeof SyncProgressSchema> {
  return {
    peer: toHex(peer),
    sentEntries: BigInt(sentEntries),
    receivedEntries: BigInt(receivedEntries),
    ...(toSend !== undefined && { toSend: BigInt(toSend) }),
    ...(toReceive !== undefined && { toReceive: BigInt(toReceive) }),
  };
}

function reportMessage(report: SyncReport): MessageInitShape<typeof SyncReportSchema> {
  return {
    peer: toHex(report.peer),
    sentEntries: BigInt(report.sentEntries),
    receivedEntries: BigInt(report.receivedEntries),
    sentBytes: BigInt(report.sentBytes),
    receivedBytes: BigInt(report.receivedBytes),
    roundTrips: report.roundTrips,
    ms: report.ms,
    ...(report.failure === undefined ? {} : { failure: report.failure }),
  };
}
