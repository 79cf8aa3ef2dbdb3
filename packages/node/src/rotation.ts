import { keyPairFromSeed } from '@lattice/crypto';
import { LatticeError, type NodeId, toHex } from '@lattice/model';
import type { OrderedKv } from '@lattice/storage';
import type { NodeContext } from './context.js';
import { Departures } from './departures.js';
import { FreedHistories } from './freed-histories.js';
import type { LocalMesh } from './local-mesh.js';
import { Notes } from './notes.js';
import type { RotateReport } from './public.js';

/**
 * Puts another key in the place of a node's own: it is kept aside first, then let in by the old one in every mesh, and takes the
 * old one's place last, in one step. So a crash leaves a node that is the old one, and doing it again goes on with the same key, or
 * one that is the new one everywhere. The node that is open goes on as the old one, and is to be closed.
 */
export async function rotateIdentity(
  context: NodeContext,
  meshes: readonly LocalMesh[],
  name: string,
): Promise<RotateReport> {
  const { key, storage, random } = context;
  const joined = meshes.filter((mesh) => mesh.isJoined);
  for (const mesh of joined) requireTimely(mesh, context);
  const seed = await storage.successorSeed(toHex(key.nodeId), () => random.bytes(32));
  const { nodeId } = keyPairFromSeed(seed);
  for (const mesh of joined) await mesh.admitSuccessor(nodeId, name);
  noteRotation(storage.meta, key.nodeId);
  await storage.succeed();
  return {
    nodeId,
    formerId: key.nodeId,
    meshes: joined.map(named),
    notIn: meshes.filter((mesh) => !mesh.isJoined).map(named),
  };
}

/** Of the hints in `meta.db`, those that held for the key that this node had before it was given the one that it has. */
export function forgetFormerKey(meta: OrderedKv, nodeId: NodeId): void {
  const notes = new Notes(meta, 'node');
  const former = notes.get(formerNote);
  // Where it was cut off, it never came to that.
  if (former === undefined || former === toHex(nodeId)) return;
  try {
    new Departures(meta).forgetLeft();
    FreedHistories.forget(meta);
    notes.remove(formerNote);
  } catch (error) {
    // A full disk is no reason not to start: the next start does it.
    if (!(error instanceof LatticeError)) throw error;
  }
}

function noteRotation(meta: OrderedKv, former: NodeId): void {
  new Notes(meta, 'node').put(formerNote, toHex(former));
}

const formerNote = 'former-key';

/** Behind a time that nobody takes yet, an admission would not be taken either. */
function requireTimely(mesh: LocalMesh, { clock }: Pick<NodeContext, 'clock'>): void {
  const [meshStore] = mesh.replicas();
  if (meshStore?.stranded() === undefined) return;
  const remedy = clock.isSet
    ? 'If the clock is right now, run `node repair-clock`, then this again; else set it first.'
    : 'Set the clock, which never was, then run this again.';
  throw new LatticeError(
    'clock-ahead',
    `What this node wrote in the mesh "${mesh.name}" is dated too far ahead of this machine's clock for others to take it, and so would be what it writes now. ${remedy}`,
  );
}

function named({ uuid, name }: LocalMesh): { readonly uuid: string; readonly name: string } {
  return { uuid, name };
}
