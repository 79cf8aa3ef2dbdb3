import type { NodeId, Timers } from '@lattice/model';
import { bundleAuthors, MalformedError } from '@lattice/proto';
import type { AdmitOutcome } from '@lattice/sync';
import { Allowance } from './allowance.js';
import type { LinkMesh } from './link-host.js';

/** How much may be handed over at a time that does not turn out to count. */
const handoverBytesMax = 64 * 1024;
/** How much of that a node takes for a mesh from all who hand over, at once, and in ten minutes: it is kept for good. */
const meshBytesMax = 1024 * 1024;
const bytesInTenMinutes = 64 * 1024;

export function strangerAllowance(timers: Timers): Allowance {
  return new Allowance(timers, { burst: meshBytesMax, everyMs: 600_000 / bytesInTenMinutes });
}

/**
 * Admits to the mesh store what somebody hands over, within bounds of what does not count. What members alone have signed is
 * let pass where the mesh's bound is reached, so that strangers cannot use it up to keep a member's proof out.
 */
export function withinBudget(mesh: LinkMesh, from: NodeId): (bundle: Uint8Array) => Promise<AdmitOutcome> {
  let left = handoverBytesMax;
  return async (bundle) => {
    const { length } = bundle;
    if (length > left) return unable(`strangers may hand over ${handoverBytesMax} bytes`);
    const taken = mesh.strangers.take(length);
    if (!taken && !isOfMembers(bundle, mesh))
      return unable('strangers have handed over too much: come again later');
    const outcome = await mesh.meshStore.admit(bundle, from);
    const counts = outcome.kind === 'taken' && !outcome.uncounted && !outcome.waits;
    if (!counts) left -= length;
    else if (taken) mesh.strangers.giveBack(length);
    return outcome;
  };
}

function unable(reason: string): AdmitOutcome {
  return { kind: 'unable', reason };
}

/** What cannot be read is refused by whoever reads it all. */
function isOfMembers(bundle: Uint8Array, mesh: LinkMesh): boolean {
  try {
    return bundleAuthors(bundle).every((author) => mesh.isMember(author));
  } catch (error) {
    if (error instanceof MalformedError) return true;
    throw error;
  }
}
