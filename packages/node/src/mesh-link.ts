import type { HybridClock } from '@lattice/kernel';
import {
  type IdKey,
  type NodeId,
  parseSignature,
  type StoreId,
  type Timers,
  toHex,
  unreachable,
} from '@lattice/model';
import { isName, judgeJoin, type JoinVerdict } from '@lattice/meshstore';
import { type LinkMesh, type LinkStore, strangerAllowance } from '@lattice/net';
import type { PeerAddress } from '@lattice/net-types';
import { wire } from '@lattice/proto';
import type { Membership } from './membership.js';

export interface MeshLinkOptions {
  readonly meshStore: LinkStore;
  readonly membership: Membership;
  readonly genesis: Uint8Array;
  readonly clock: HybridClock;
  readonly timers: Timers;
  readonly stores: () => readonly LinkStore[];
  readonly addresses: () => readonly PeerAddress[];
  readonly learn: (addresses: readonly PeerAddress[]) => void;
  /** Members named by the token that this node joins with: trusted until the mesh store itself says who is one. */
  readonly isVouchedFor: (node: NodeId) => boolean;
  /** Whether admissions by this node would count. */
  readonly mayAdmit: () => boolean;
}

/** A mesh as connections see it. */
export class MeshLink implements LinkMesh {
  readonly id: StoreId;
  readonly meshStore: LinkStore;
  readonly strangers: LinkMesh['strangers'];
  readonly #options: MeshLinkOptions;
  /** Admissions one after the other, so that two that come at once cannot use one invite. */
  #joining: Promise<unknown> = Promise.resolve();

  constructor(options: MeshLinkOptions) {
    this.id = options.membership.view.meshId;
    this.meshStore = options.meshStore;
    this.strangers = strangerAllowance(options.timers);
    this.#options = options;
  }

  isMember(node: NodeId): boolean {
    return this.#options.membership.view.isMember(node) || this.#options.isVouchedFor(node);
  }

  stores(): readonly LinkStore[] {
    return this.#options.stores();
  }

  hasDeleted(store: Uint8Array): boolean {
    return this.#options.membership.view.stores.get(toHex(store) as IdKey)?.removed === true;
  }

  addresses(): readonly PeerAddress[] {
    return this.#options.addresses();
  }

  learn(addresses: readonly PeerAddress[]): void {
    this.#options.learn(addresses.filter(({ nodeId }) => this.isMember(nodeId)));
  }

  join(node: NodeId, request: wire.Join): Promise<Uint8Array | wire.JoinRefusal> {
    const answer = this.#joining.then(() => this.#judge(node, request)).catch(() => wire.JoinRefusal.UNABLE);
    this.#joining = answer;
    return answer;
  }

  async #judge(node: NodeId, { invite, proof, name }: wire.Join): Promise<Uint8Array | wire.JoinRefusal> {
    const { membership, genesis, clock, mayAdmit } = this.#options;
    if (invite.length !== 32 || proof.length !== 64) return wire.JoinRefusal.UNKNOWN;
    const signature = parseSignature(proof);
    const verdict = judgeJoin(membership.view, { node, publicKey: invite, proof: signature }, clock.next());
    if (verdict.kind === 'already-member') return genesis;
    if (verdict.kind !== 'admit') return refusalOf(verdict);
    if (!mayAdmit()) return wire.JoinRefusal.UNABLE;
    const shownName = isName(name) ? name : '';
    await membership.write({
      kind: 'admit',
      node,
      role: 'member',
      name: shownName,
      invite: verdict.invite,
      proof: signature,
    });
    return membership.view.isMember(node) ? genesis : wire.JoinRefusal.UNABLE;
  }
}

function refusalOf(verdict: Exclude<JoinVerdict, { kind: 'admit' | 'already-member' }>): wire.JoinRefusal {
  switch (verdict.kind) {
    case 'revoked':
      return wire.JoinRefusal.REVOKED;
    case 'expired':
      return wire.JoinRefusal.EXPIRED;
    case 'used':
      return wire.JoinRefusal.USED;
    case 'unknown-invite':
    case 'bad-proof':
      return wire.JoinRefusal.UNKNOWN;
    default:
      return unreachable(verdict);
  }
}
