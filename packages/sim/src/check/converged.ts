import { toHex } from '@lattice/model';
import type { Store } from '@lattice/node';
import { describeDifferences, haveConverged, type Holdings, type StoreHoldings } from '@lattice/testkit';
import type { SimMachine } from '../world/machine.js';
import { meshOf, type World } from '../world/world.js';

export function areEqual(machines: readonly SimMachine[]): boolean {
  return haveConverged(holdingsOf(machines));
}

export function differencesOf(world: World, machines: readonly SimMachine[]): string {
  return describeDifferences(holdingsOf(machines), (node) => world.nameOf(node));
}

function holdingsOf(machines: readonly SimMachine[]): ReadonlyMap<string, Holdings> {
  return new Map(machines.map((machine) => [machine.name, holdings(machine)]));
}

function holdings({ node }: SimMachine): Holdings {
  const mesh = meshOf(node);
  if (!mesh) return [];
  const members = mesh.peers().filter(({ status }) => status === 'member');
  const meshStore = {
    store: 'the mesh store',
    digest: mesh.status().digest,
    tips: [],
    remark: `${members.length} members, ${mesh.stores().length} stores`,
  };
  const others = mesh.stores().map((store) => {
    const { entries, pending, held, digest } = store.status();
    const remark = `${entries} entries, ${pending} pending, ${held} held`;
    return { store: store.uuid, digest, tips: tipsOf(store), remark };
  });
  // Whoever has nothing of it yet does not know what it is called.
  return [{ mesh: toHex(mesh.id).slice(0, 8), stores: [meshStore, ...others] }];
}

function tipsOf(store: Store): StoreHoldings['tips'] {
  return [...store.authors()].flatMap(({ author, chains }) => chains.map(({ seq }) => ({ author, seq })));
}
