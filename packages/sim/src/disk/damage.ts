import { type Bundle, equalBytes, toHex } from '@lattice/model';
import type { MemoryFiles } from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import { percent } from '../core/chance.js';
import type { SimMachine } from '../world/machine.js';
import type { World } from '../world/world.js';
import { entriesOf, entriesOn, type LoggedEntry, recordsOf } from './read-logs.js';

interface DamagedRecord {
  readonly bytes: Uint8Array;
  readonly entries: readonly LoggedEntry[];
}

/** Damages a record in the middle of a log, of which others have all that is in it; says which. */
export async function damageOne(world: World, machine: SimMachine): Promise<DamagedRecord | undefined> {
  const elsewhere = new Set<string>();
  for (const other of world.machines.values()) {
    if (other === machine || other.isLeaving || equalBytes(other.nodeId, machine.nodeId)) continue;
    for (const { hash } of await entriesOn(other.disk)) elsewhere.add(toHex(hash));
  }
  const random = world.chance.stream('damage');
  for (const uuid of machine.disk.memory.stores.keys()) {
    const records = await recordsOf(machine.disk, uuid);
    const known = records.filter(({ bundle }) => isKnown(bundle, elsewhere));
    if (known.length === 0 || percent(random, 50)) continue;
    const { bytes, bundle } = random.pick(known);
    const files = machine.disk.filesOf(uuid);
    const tried = files.copy();
    const before = await damagedPlaces(tried.copy());
    if (!(await overwriteIn(tried, bytes)) || (await damagedPlaces(tried)) <= before) continue;
    await overwriteIn(files, bytes);
    return { bytes, entries: entriesOf(uuid, bundle) };
  }
  return undefined;
}

function isKnown({ hashes }: Bundle, elsewhere: ReadonlySet<string>): boolean {
  return hashes.every((hash) => elsewhere.has(toHex(hash)));
}

/** Damage to what was appended last is none of them: it is a torn write, as far as anybody can tell, and is cut off. */
async function damagedPlaces(files: MemoryFiles): Promise<number> {
  await using log = await SegmentLog.open(files);
  return [...log.scan(0)].filter(({ kind }) => kind === 'damaged').length;
}

async function overwriteIn(files: MemoryFiles, record: Uint8Array): Promise<boolean> {
  for (const name of await files.list()) {
    const file = files.open(name);
    const content = new Uint8Array(file.size());
    file.read(content, 0);
    file.close();
    const at = Buffer.from(content).indexOf(record);
    if (at === -1) continue;
    const middle = at + Math.floor(record.length / 2);
    files.overwrite(name, middle, Uint8Array.of((content[middle] ?? 0) ^ 0xff));
    return true;
  }
  return false;
}
