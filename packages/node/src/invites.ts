import { LatticeError, type NodeId } from '@lattice/model';
import { encodeToken, newInvite } from '@lattice/meshstore';
import type { NodeContext } from './context.js';
import type { Membership } from './membership.js';
import type { PeerManager } from './peer-manager.js';
import type { Invite } from './public.js';

const lifeMs = 24 * 60 * 60 * 1000;
/** Members that a token names: this node, and others that were seen lately. */
const tokenMembersMax = 4;
const addressesMax = 8;

/** Writes an invite, and makes its token, which names some of these members. Rejects with `expiry-invalid`. */
export async function createInvite(
  membership: Membership,
  { clock, random }: NodeContext,
  named: { readonly peers: PeerManager; readonly members: readonly NodeId[] },
  expiresInMs = lifeMs,
): Promise<Invite> {
  if (!(expiresInMs > 0))
    throw new LatticeError('expiry-invalid', 'An invite must last for some time: give a positive duration.');
  const { secret, publicKey } = newInvite(random);
  const expiryMs = Math.floor(clock.nowMs() + expiresInMs);
  await membership.write({ kind: 'invite', publicKey, role: 'member', expiryMs });
  const addresses = named.peers.addressesOf(named.members).slice(0, tokenMembersMax);
  const members = addresses.map((one) => ({ ...one, direct: one.direct.slice(0, addressesMax) }));
  const token = encodeToken({ mesh: membership.view.meshId, secret, expiryMs, members });
  return { token, expiresAtMs: expiryMs };
}
