import { LatticeError } from '@lattice/model';

export function nodeClosed(): LatticeError {
  return new LatticeError('node-closed', 'The node has been closed: open it again.');
}

export function storeDeleted(name: string): LatticeError {
  const message = `The store "${name}" has been deleted: see "store list" for those that there are.`;
  return new LatticeError('store-closed', message);
}

export function storeClosed(): LatticeError {
  return new LatticeError('store-closed', 'The store has been closed: open it again.');
}

export function leaving(): LatticeError {
  return new LatticeError('mesh-left', 'This node is leaving that mesh.');
}

export function notAMember(): LatticeError {
  const message = 'This node is no member of that mesh any more: join again with a new node to write there.';
  return new LatticeError('not-a-member', message);
}

/** Leaving sees first that nothing is lost by it. */
export function selfRevoked(): LatticeError {
  return new LatticeError('self-revoked', 'That is this node itself: "mesh leave" ends its own membership.');
}

/** What lists the stores may be what was lost: nobody would know what goes with them. */
export function leavesWhatIsUnlisted(): LatticeError {
  const message =
    'Part of what says who is a member of that mesh, and which stores it has, was damaged on disk, so that nobody knows what would be lost: it comes back from a member that has it, by itself. When `status` tells of it no more, leave again; where no member has it, after `mesh rebuild --accept-loss`; or lose what is only here with --force.';
  return new LatticeError('store-damaged', message);
}

/** Whether this node is a member is not known. */
export function membersLost(): LatticeError {
  const message =
    'What says who is a member of that mesh was damaged on disk: it comes from a member that has it, by itself; nothing is written here until then. Where no member has it: `mesh rebuild --accept-loss`.';
  return new LatticeError('store-damaged', message);
}
