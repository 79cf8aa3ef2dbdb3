import { assert, equalBytes, hlcToMs, LatticeError, type NodeId } from '@lattice/model';
import { newInvite, proveInvite } from '@lattice/meshstore';
import type { NodeContext } from './context.js';
import type { Membership } from './membership.js';

/** The admission follows at once. What counts is the mesh's own time, which may be ahead of this clock. */
const inviteLifeMs = 24 * 60 * 60 * 1000;

/**
 * Has this node let in the key that is to take the place of its own, which takes an invite as for anybody else. Once
 * resolved, the successor is a member. Where it is one already, nothing is written. Rejects with `successor-refused`, or as a
 * write does.
 */
export async function admitSuccessor(
  successor: NodeId,
  name: string,
  membership: Membership,
  { clock, hlc, random }: NodeContext,
): Promise<void> {
  const { meshId } = membership.view;
  if (membership.view.isMember(successor)) return;
  const { secret, publicKey } = newInvite(random);
  const expiryMs = Math.max(clock.nowMs(), hlcToMs(hlc.next())) + inviteLifeMs;
  await membership.write({ kind: 'invite', publicKey, role: 'member', expiryMs });
  const invite = membership.view.invites.find((one) => equalBytes(one.publicKey, publicKey));
  assert(invite, 'a member’s invite is in its own view');
  await membership.write({
    kind: 'admit',
    node: successor,
    role: 'member',
    name,
    invite: invite.dot,
    proof: proveInvite(secret, meshId, successor),
  });
  if (!membership.view.isMember(successor)) throw refused(membership.view.name);
}

/** Somebody revoked this node, or the successor, in between. */
function refused(mesh: string): LatticeError {
  return new LatticeError(
    'successor-refused',
    `The mesh "${mesh}" does not take the new key: see with \`mesh peers\` whether this node is a member, then run the command again.`,
  );
}
