import type { NodeId } from '@lattice/model';
import { type AdmissionState, dotOf, type InviteState, type Ledger } from './ledger.js';
import type { MeshInvite } from './view.js';

/** All that count, in the ledger's order. Made anew is only what changed: there may be many, and they are asked for often. */
export function invitesOf({ invites }: Ledger): MeshInvite[] {
  return invites.filter(({ at }) => at.counts).map((invite) => (invite.listed ??= meshInvite(invite)));
}

function meshInvite(invite: InviteState): MeshInvite {
  const { at, op, admissions } = invite;
  const { publicKey, role, expiryMs } = op;
  const usedBy = admittedNodes(admissions);
  return { dot: dotOf(invite), publicKey, role, expiryMs, invitedBy: at.author.id, usedBy };
}

function admittedNodes(admissions: readonly AdmissionState[]): NodeId[] {
  const nodes = new Set(admissions.filter(({ admits }) => admits).map(({ node }) => node));
  return [...nodes].map(({ id }) => id);
}
