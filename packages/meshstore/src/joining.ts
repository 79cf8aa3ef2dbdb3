import {
  type Dot,
  type Hlc,
  hlcEndOfMs,
  equalBytes,
  idKey,
  type NodeId,
  type Signature,
} from '@lattice/model';
import { verifyInviteProof } from './invite.js';
import type { MeshInvite, MeshView } from './view.js';

/** What a node that wants to join shows. */
export interface JoinRequest {
  readonly node: NodeId;
  /** Names the invite. */
  readonly publicKey: Uint8Array;
  readonly proof: Signature;
}

export type JoinVerdict =
  | { readonly kind: 'admit'; readonly invite: Dot }
  | { readonly kind: 'already-member' }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'unknown-invite' }
  | { readonly kind: 'bad-proof' }
  | { readonly kind: 'expired'; readonly expiryMs: number }
  | { readonly kind: 'used'; readonly by: NodeId };

/**
 * Whether a member that sees all of this view may admit a node with an entry of that time: whether the admission would
 * count. Anybody can copy another's public key into an invite of its own; so all invites with the key are tried.
 */
export function judgeJoin(view: MeshView, { node, publicKey, proof }: JoinRequest, time: Hlc): JoinVerdict {
  const member = view.members.get(idKey(node));
  if (member !== undefined) return { kind: member.status === 'member' ? 'already-member' : 'revoked' };
  if (view.revocations.some((revocation) => equalBytes(revocation.node, node))) return { kind: 'revoked' };
  const invites = view.invites.filter((invite) => equalBytes(invite.publicKey, publicKey));
  const [first] = invites;
  if (first === undefined) return { kind: 'unknown-invite' };
  if (!verifyInviteProof(publicKey, view.meshId, node, proof)) return { kind: 'bad-proof' };
  // One that its author had to issue again, and that turned up after all, is there twice and for one.
  const isUsed = ({ invitedBy }: MeshInvite) =>
    invites.some((other) => other.usedBy.length > 0 && equalBytes(other.invitedBy, invitedBy));
  const usable = invites.find((invite) => time <= hlcEndOfMs(invite.expiryMs) && !isUsed(invite));
  if (usable !== undefined) return { kind: 'admit', invite: usable.dot };
  const [by] = invites.flatMap(({ usedBy }) => usedBy);
  return by === undefined ? { kind: 'expired', expiryMs: first.expiryMs } : { kind: 'used', by };
}
