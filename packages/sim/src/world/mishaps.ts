import { assert, equalBytes, maxDriftMs, storeUuid, toHex } from '@lattice/model';
import { meshOpsIn } from '../check/mesh-ops.js';
import { imageOf, restoreImage } from '../disk/copy.js';
import { damageOne } from '../disk/damage.js';
import { allEntries, entriesOn } from '../disk/read-logs.js';
import { watchLettingGo } from './let-go.js';
import type { SimMachine } from './machine.js';
import type { Step, StepOf } from './step.js';
import type { World } from './world.js';

type Outcome = string | undefined | Promise<string | undefined>;
type Doer<Kind extends Step['do']> = (world: World, machine: SimMachine, step: StepOf<Kind>) => Outcome;

type MishapKind =
  | 'start'
  | 'stop'
  | 'kill'
  | 'crash'
  | 'endAt'
  | 'move'
  | 'skew'
  | 'drift'
  | 'fullDisk'
  | 'diskRelents'
  | 'failSync'
  | 'slowDisk'
  | 'damage'
  | 'snapshot'
  | 'restore'
  | 'clone';

/** Of what happens to machines. Each does it, or says why it cannot be now. */
export const mishaps: { readonly [Kind in MishapKind]: Doer<Kind> } = {
  start: (world, machine) => {
    if (machine.isRunning) return 'runs';
    const start = async () => {
      try {
        await machine.start((node) => {
          world.onOpen(machine, node);
          watchLettingGo(world, machine, node);
        });
      } catch (error) {
        machine.kill();
        throw error;
      }
    };
    world.begin(machine, 'start', start);
    return undefined;
  },

  stop: async (world, machine) => {
    if (!machine.node) return 'does not run';
    await world.time.run(machine.stop(), 120_000);
    world.dropActs(machine);
    return undefined;
  },

  kill: async (world, machine) => end(world, machine, 'kill'),
  crash: async (world, machine) => end(world, machine, 'crash'),

  endAt: (world, machine, { operation, how }) => {
    if (!machine.isRunning) return 'does not run';
    machine.disk.endAt(operation, () => {
      world.note(`  ${machine.name}: ${how} at an operation of its disk`);
      world.count(`${how} at an operation of the disk`);
      endNow(world, machine, how);
    });
    return undefined;
  },

  move: (world, machine, { home = false }) => {
    machine.moveTo(home ? machine.homeAddress : world.freshAddress());
    return undefined;
  },

  skew: (world, machine, { ms }) => {
    if (ms > maxDriftMs) world.hadClocksAhead = true;
    if (ms < -maxDriftMs) machine.wasSetBack = true;
    machine.clock.aheadMs = ms;
    return undefined;
  },

  drift: (_, machine, { partsPerMillion }) => {
    machine.clock.partsPerMillion = partsPerMillion;
    return undefined;
  },

  fullDisk: (_, machine) => {
    machine.hadDiskTrouble = true;
    machine.disk.isFull = true;
    return undefined;
  },

  /** Also of all else that was to befall its disk. */
  diskRelents: (_, machine) => {
    machine.disk.relent();
    return undefined;
  },

  failSync: (_, machine) => {
    machine.hadDiskTrouble = true;
    machine.disk.failsNextSync = true;
    return undefined;
  },

  slowDisk: (_, machine, { ms }) => {
    machine.disk.slowMs = ms;
    return undefined;
  },

  damage: async (world, machine) => {
    if (machine.isRunning) return 'runs';
    const record = await damageOne(world, machine);
    if (record === undefined) return 'has nothing that others have too';
    machine.damaged = [...machine.damaged, ...record.entries];
    world.note(`  ${machine.name}: a record of ${record.bytes.length} bytes is damaged`);
    return undefined;
  },

  snapshot: (world, machine, { image }) => {
    if (machine.isRunning) return 'runs';
    world.images.set(`${machine.name}/${image}`, imageOf(machine.disk));
    return undefined;
  },

  restore: async (world, machine, { image }) => {
    const found = world.images.get(`${machine.name}/${image}`);
    if (machine.isRunning || !found) return 'runs, or has no such image';
    machine.mayFork = true;
    const before = await entriesOn(machine.disk);
    restoreImage(machine.disk, found);
    const staying = [...world.machines.values()].filter(({ isLeaving }) => !isLeaving);
    const left = await allEntries(staying.map(({ disk }) => disk));
    const own = new Set((await entriesOn(machine.disk)).map(({ hash }) => toHex(hash)));
    for (const { hash, entry } of before) {
      const isOwn = equalBytes(entry.author, machine.nodeId);
      if ((isOwn ? own : left).has(toHex(hash))) continue;
      world.forgone.add(toHex(hash));
      const ops = isOwn && !left.has(toHex(hash)) ? meshOpsIn(entry) : [];
      for (const op of ops) if (op.kind === 'removeStore') world.undeleted.add(storeUuid(op.store));
    }
    return undefined;
  },

  clone: (world, machine, { as }) => {
    if (machine.isRunning || world.machines.has(as)) return 'runs, or has such a twin';
    const image = imageOf(machine.disk);
    assert(image.identity, 'a machine has a key');
    const twin = world.addMachine(as, image.identity);
    restoreImage(twin.disk, image);
    for (const one of [machine, twin]) one.mayFork = true;
    twin.damaged = machine.damaged;
    twin.twinOf = machine.twinOf ?? machine;
    return undefined;
  },
};

async function end(world: World, machine: SimMachine, how: 'kill' | 'crash'): Promise<string | undefined> {
  if (!machine.isRunning) return 'does not run';
  endNow(world, machine, how);
  // What it had begun in the same breath comes to its end before somebody else takes the disk over.
  await world.time.advance(0);
  return undefined;
}

function endNow(world: World, machine: SimMachine, how: 'kill' | 'crash'): void {
  world.dropActs(machine);
  if (how === 'kill') machine.kill();
  else machine.crash(world.chance.stream(`crashes of ${machine.name}`));
}
