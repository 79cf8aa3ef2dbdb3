import { hlcEndOfMs } from '@lattice/model';
import type { MeshPast } from './history.js';
import { verifyInviteProof } from './invite.js';
import { type AdmissionState, type InviteState, opSees } from './ledger.js';
import type { ProofCache } from './proofs.js';

/**
 * The conditions on an admission that no revocation changes: its invite lies in its past and has not expired, its proof
 * is valid, and it sees no validly proven admission of another node on that invite, whether or not that one counts.
 */
export function isSound(past: MeshPast, proofs: ProofCache, admission: AdmissionState): boolean {
  const { invite } = admission;
  if (invite === undefined || !opSees(past, admission, invite)) return false;
  if (admission.at.entry.time > hlcEndOfMs(invite.op.expiryMs)) return false;
  if (!isProven(past, proofs, admission, invite)) return false;
  return !invite.admissions.some(
    (other) =>
      other.node !== admission.node &&
      opSees(past, admission, other) &&
      isProven(past, proofs, other, invite),
  );
}

function isProven(
  past: MeshPast,
  proofs: ProofCache,
  { at, index, op }: AdmissionState,
  invite: InviteState,
): boolean {
  return proofs.verdict(at.entry.hash, index, () =>
    verifyInviteProof(invite.op.publicKey, past.id, op.node, op.proof),
  );
}
