import { idKey, type NodeId, type StoreId } from '@lattice/model';
import { type LinkMesh, type LinkStore, strangerAllowance } from '@lattice/net';
import type { PeerAddress } from '@lattice/net-types';
import { wire } from '@lattice/proto';
import { VirtualTime } from '@lattice/testkit';

/** A mesh whose members are as the test says, with one store. */
export class FakeMesh<Store extends LinkStore> implements LinkMesh {
  readonly members: NodeId[] = [];
  readonly strangers = strangerAllowance(new VirtualTime());
  /** Where members are, as far as is known. */
  known: readonly PeerAddress[] = [];
  /** Whether the store is on its list. */
  isListed = true;

  constructor(
    readonly meshStore: Store,
    readonly store: Store,
  ) {}

  get id(): StoreId {
    return this.meshStore.id;
  }

  isMember(node: NodeId): boolean {
    return this.members.some((member) => idKey(member) === idKey(node));
  }

  stores(): readonly LinkStore[] {
    return this.isListed ? [this.store] : [];
  }

  hasDeleted(): boolean {
    return false;
  }

  async join(): Promise<wire.JoinRefusal> {
    return wire.JoinRefusal.UNKNOWN;
  }

  addresses(): readonly PeerAddress[] {
    return this.known;
  }

  learn(): void {
    return undefined;
  }
}
