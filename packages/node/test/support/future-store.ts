import { keyPairFromSeed } from '@lattice/crypto';
import { HybridClock, Replica, storeIdOf } from '@lattice/kernel';
import {
  type Admission,
  type Clock,
  type Hlc,
  type Random,
  type StateMachine,
  storeUuid,
  type Timers,
} from '@lattice/model';
import { type CreateStoreOp, encodeMeshOp, meshMachine, storeGenesis } from '@lattice/meshstore';
import { decodeGenesis, encodeGenesis } from '@lattice/proto';
import type { NodeStorage } from '@lattice/storage';

/** Any bytes are an operation of it, and it keeps nothing. */
const drawingMachine: StateMachine<Uint8Array> = {
  type: 'drawing',
  version: 1,
  decode: (operations) => [operations],
  apply: () => undefined,
};

/**
 * Makes a store of type "drawing" called "sketches", and writes to it three times, as a later version that knows the type
 * would: on the disk of a node that does not run.
 */
export async function writeFromTheFuture(
  storage: NodeStorage,
  meshUuid: string,
  time: Clock & Timers,
  random: Random,
): Promise<void> {
  const key = keyPairFromSeed(await storage.identitySeed(() => new Uint8Array(32)));
  const common = { admission: everybody, key, clock: new HybridClock(time), timers: time, random };
  const op: CreateStoreOp = {
    kind: 'createStore',
    type: 'drawing',
    random: random.bytes(32),
    name: 'sketches',
  };

  const opened = await storage.openStore(meshUuid);
  const genesis = decodeGenesis(opened.genesis);
  const drawing = storeGenesis(storeIdOf(genesis), op);
  const options = { genesis, storage: opened, machine: meshMachine, projectUncounted: true };
  await using meshStore = await Replica.open({ ...common, ...options });
  await meshStore.write(encodeMeshOp(op));

  const made = await storage.createStore(storeUuid(drawing.id), encodeGenesis(drawing.genesis));
  const own = { genesis: drawing.genesis, storage: made, machine: drawingMachine };
  await using sketches = await Replica.open({ ...common, ...own });
  for (let i = 0; i < 3; i++) await sketches.write(Uint8Array.of(i));
}

const everybody: Admission = {
  rule: () => ({ spans: [{ after: -1n as Hlc }], cutOffs: [] }),
  authors: () => [],
  alsoKept: () => [],
};
