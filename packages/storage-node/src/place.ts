import { createHmac } from 'node:crypto';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import type { SuspectedCopy } from '@lattice/storage';
import { readTextFile } from './durable-files.js';
import type { Host } from './host.js';
import { type Place, placesMax, readPlaces, writePlaces } from './place-file.js';

/*
 * A copied data directory is a second node with the same key, which parts the history of both in two. A copy has every byte
 * of the original, so each directory notes where it is, in what a copy cannot share: the machine, its path there, and which
 * file (not: which content) its `identity.key` is. On each opening that is compared with what is so now:
 *
 *   - a machine that it was never on: copied, or moved; nobody here can tell which
 *   - the path noted still leads to another directory with this node: copied, beyond doubt
 *   - the same path, and another file: put back from a copy, perhaps an old one
 *   - another path, and nothing at the one noted: moved on this machine, which is nobody's business
 *
 * What cannot be known is no evidence: file systems and containers where such facts change by themselves would cry at
 * every start. Copies of whole disks are therefore noticed only where the machine's id was renewed.
 */

/** What says that the directory was copied. Where nothing does, notes where it is now. Never rejects. */
export async function suspectCopy(
  directory: string,
  nodeId: string,
  host: Host,
): Promise<SuspectedCopy | undefined> {
  try {
    const here = await placeOf(directory, nodeId, host);
    const known = await readPlaces(directory, nodeId);
    const suspicion = await judge(here, known, directory);
    if (suspicion === undefined) await note(directory, nodeId, here, known);
    return suspicion;
  } catch {
    // Not to know is no reason not to start.
    return undefined;
  }
}

/** Notes where the directory is, whatever was noted. Machines that it has been on stay known: a disk may travel between two. */
export async function settlePlace(directory: string, nodeId: string, host: Host): Promise<void> {
  const here = await placeOf(directory, nodeId, host);
  await note(directory, nodeId, here, await readPlaces(directory, nodeId));
}

/** Where a directory is now. Rejects where it cannot be looked at. */
export async function placeOf(directory: string, nodeId: string, host: Host): Promise<Place> {
  const path = await fs.realpath(directory);
  const machineId = await host.machineId();
  return {
    // machine-id(5) asks to show it to nobody as it is. Backups of the directory may be seen by others.
    machine: machineId === undefined ? '' : createHmac('sha256', machineId).update(nodeId).digest('hex'),
    path,
    file: (await host.fileMark(identityPath(path))) ?? '',
  };
}

async function judge(
  here: Place,
  known: readonly Place[],
  directory: string,
): Promise<SuspectedCopy | undefined> {
  const last = lastPlace(here, known);
  if (last === undefined) return known.length === 0 ? undefined : { kind: 'other-machine' };
  if (await holdsSameNode(last.path, directory)) return { kind: 'original-beside', original: last.path };
  const isOtherFile = here.file !== '' && last.file !== '' && here.file !== last.file;
  const wasMoved = here.path !== last.path && here.machine !== '';
  return isOtherFile && !wasMoved ? { kind: 'put-back' } : undefined;
}

/** Where it was last on this machine. Where a machine cannot be told from others, that may have been this one. */
function lastPlace({ machine }: Place, known: readonly Place[]): Place | undefined {
  return known.find((one) => machine === '' || one.machine === '' || one.machine === machine);
}

/** Whether there is another directory there, not this one by another path, with the same key. */
async function holdsSameNode(path: string, directory: string): Promise<boolean> {
  try {
    const [there, here] = await Promise.all([path, directory].map((one) => fs.stat(one, { bigint: true })));
    if (there === undefined || here === undefined) return false;
    if (there.dev === here.dev && there.ino === here.ino) return false;
    const [theirs, own] = await Promise.all([path, directory].map((one) => readTextFile(identityPath(one))));
    return theirs !== undefined && theirs === own;
  } catch {
    return false;
  }
}

async function note(directory: string, nodeId: string, here: Place, known: readonly Place[]): Promise<void> {
  const [latest] = known;
  if (latest !== undefined && isSame(latest, here)) return;
  const others = known.filter(({ machine }) => machine !== here.machine && machine !== '');
  await writePlaces(directory, nodeId, [here, ...others].slice(0, placesMax));
}

function isSame(one: Place, other: Place): boolean {
  return one.machine === other.machine && one.path === other.path && one.file === other.file;
}

function identityPath(directory: string): string {
  return join(directory, 'identity.key');
}
