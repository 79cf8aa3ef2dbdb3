import { toHex, utf8 } from '@lattice/model';
import type { ClockRepairedStore, Store, StoreRebuildReport } from '@lattice/node';
import { gone, type ListingKind, listings, onNode } from './listings.js';
import type { SimMachine } from './machine.js';
import type { Step, StepOf } from './step.js';
import { meshOf, storeOf, type World } from './world.js';

const refusedWrites = [...gone, 'store-busy', 'condition-failed'];
const refusedJoins = [
  ...gone,
  'invite-refused',
  'no-member-reachable',
  'token-expired',
  'aborted',
  'mesh-left',
];

type Doer<Kind extends Step['do']> = (
  world: World,
  machine: SimMachine,
  step: StepOf<Kind>,
) => string | undefined | Promise<string | undefined>;

/** Of what people do. Each begins it, or says why it cannot be begun now. */
export const deeds: { readonly [Kind in DeedKind]: Doer<Kind> } = {
  found: (world, machine) =>
    onNode(machine, (node) => {
      if (meshOf(node)) return 'is in a mesh already';
      world.begin(machine, 'found', () => node.createMesh({ name: 'home' }), { may: gone });
      return undefined;
    }),

  invite: (world, machine, { invite, lastsMs }) =>
    onNode(machine, (node) => {
      const mesh = meshOf(node);
      if (!mesh) return 'is in no mesh';
      world.begin(
        machine,
        `invite ${invite}`,
        () => mesh.createInvite(lastsMs === undefined ? {} : { expiresInMs: lastsMs }),
        { may: gone, done: ({ token }) => void world.tokens.set(invite, token) },
      );
      return undefined;
    }),

  join: (world, machine, { invite }) =>
    onNode(machine, (node) => {
      const token = world.tokens.get(invite);
      if (token === undefined) return 'has no such invite';
      world.begin(machine, `join by ${invite}`, () => node.joinMesh(token), { may: refusedJoins });
      return undefined;
    }),

  revoke: (world, machine, { whom }) =>
    onNode(machine, (node) => {
      const mesh = meshOf(node);
      const target = world.machines.get(whom);
      if (!mesh || !target) return 'knows no such member';
      const may = [...gone, 'self-revoked', 'member-not-found', 'member-revoked', 'member-senior', 'aborted'];
      world.begin(machine, `revoke ${whom}`, () => mesh.revoke(target.nodeId), { may });
      return undefined;
    }),

  createStore: (world, machine, { store: name, type }) =>
    onNode(machine, (node) => {
      const mesh = meshOf(node);
      if (!mesh) return 'is in no mesh';
      // Others hear of it before a slow disk has made it.
      const may = [...gone, 'store-name-taken', 'store-deleted'];
      world.begin(machine, `create ${name}`, () => mesh.createStore({ name, type }), { may });
      return undefined;
    }),

  ...listings,

  put: (world, machine, { store, key, value }) =>
    onStore(machine, store, 'kv', (kv) =>
      write(world, machine, kv, `put ${key}`, async () => [
        (await kv.kv().put(utf8(key), utf8(value))).entry,
      ]),
    ),

  delete: (world, machine, { store, key }) =>
    onStore(machine, store, 'kv', (kv) =>
      write(world, machine, kv, `delete ${key}`, async () => [(await kv.kv().delete(utf8(key))).entry]),
    ),

  batch: (world, machine, { store, writes }) =>
    onStore(machine, store, 'kv', (kv) =>
      write(world, machine, kv, 'batch', async () => {
        const all = Object.entries(writes).map(([key, value]) =>
          value === null
            ? ({ kind: 'delete', key: utf8(key) } as const)
            : ({ kind: 'put', key: utf8(key), value: utf8(value) } as const),
        );
        return (await kv.kv().batch(all)).map(({ entry }) => entry);
      }),
    ),

  append: (world, machine, { store, value }) =>
    onStore(machine, store, 'log', (log) =>
      write(world, machine, log, 'append', async () => [entryAt(await log.log().append(utf8(value)))]),
    ),

  sync: (world, machine) =>
    onNode(machine, (node) => {
      for (const store of meshOf(node)?.stores() ?? [])
        world.begin(machine, `sync ${store.name}`, () => store.sync(), { may: [...gone, 'aborted'] });
      return undefined;
    }),

  repairClock: (world, machine) =>
    onNode(machine, (node) => {
      machine.hasRepaired = true;
      const done = (stores: readonly ClockRepairedStore[]) => {
        for (const { reissued } of stores) world.count('entries issued again', reissued);
      };
      world.begin(machine, 'repair the clock', () => node.repairClock(), { may: gone, done });
      return undefined;
    }),

  acceptLoss: (world, machine, { store: name }) =>
    onNode(machine, (node) => {
      const store = name === undefined ? meshOf(node) : storeOf(node, name);
      if (!store) return name === undefined ? 'is in no mesh' : `has no store "${name}"`;
      // It writes on from before what it has lost.
      machine.mayFork = true;
      for (const { uuid, hash } of machine.damaged) if (uuid === store.uuid) world.forgone.add(toHex(hash));
      const work = () => store.rebuild({ acceptLoss: true });
      const done = ({ reissued }: StoreRebuildReport) => {
        machine.accepted.add(store.uuid);
        world.count('entries issued again', reissued);
      };
      world.begin(machine, `accept what is lost of ${name ?? 'the mesh'}`, work, { may: gone, done });
      return undefined;
    }),
};

type DeedKind =
  | ListingKind
  | 'found'
  | 'invite'
  | 'join'
  | 'revoke'
  | 'createStore'
  | 'put'
  | 'delete'
  | 'batch'
  | 'append'
  | 'sync'
  | 'repairClock'
  | 'acceptLoss';

function onStore(
  machine: SimMachine,
  name: string,
  type: 'kv' | 'log',
  deed: (store: Store) => void,
): string | undefined {
  return onNode(machine, (node) => {
    const store = storeOf(node, name);
    if (store?.type !== type) return `has no ${type} "${name}"`;
    deed(store);
    return undefined;
  });
}

/** Waits for nothing but the disk: whatever else it waited for is a complaint. */
function write(
  world: World,
  machine: SimMachine,
  store: Store,
  what: string,
  work: () => Promise<readonly Uint8Array[]>,
): void {
  const sinceMs = world.time.monotonicMs();
  const { busyMs } = machine.disk;
  const done = (entries: readonly Uint8Array[]) => {
    const waitedMs = world.time.monotonicMs() - sinceMs;
    const elsewhereMs = waitedMs - (machine.disk.busyMs - busyMs);
    if (elsewhereMs > elsewhereMsMax)
      world.complain(`${machine.name}: ${what} waited ${elsewhereMs} ms for something other than its disk`);
    for (const entry of new Set(entries.map(toHex)))
      world.acknowledged.push({
        store: store.uuid,
        machine: machine.name,
        entry,
        atMs: world.time.monotonicMs(),
      });
    world.count('writes acknowledged');
  };
  world.begin(machine, `${what} in ${store.name}`, work, { may: refusedWrites, done });
}

/** Less is the arithmetic of fractions. */
const elsewhereMsMax = 0.01;

/** A log's position is time, author, entry hash and index. */
function entryAt(position: Uint8Array): Uint8Array {
  return position.subarray(40, 72);
}
