import { blake3, keyPairFromSeed } from '@lattice/crypto';
import {
  type Hash,
  hlcFromMs,
  idKey,
  type NodeId,
  parseHash,
  parseStoreId,
  type StoreId,
} from '@lattice/model';
import type { LinkStore } from '@lattice/net';
import type { SendableBundle } from '@lattice/proto';
import { MemoryNetwork, RawPeer, type RawStream, VirtualTime } from '@lattice/testkit';
import { FakeMesh } from './fake-mesh.js';
import { Party } from './party.js';

/** The member under attack, a friend that is connected to it, and a way to connect by hand. */
export class LinkRig implements AsyncDisposable {
  readonly time = new VirtualTime();
  readonly network = new MemoryNetwork({ timers: this.time, latencyMs: 1, windowBytes: 16 * 1024 });
  readonly victim = partyOf('victim', this);
  readonly friend = partyOf('friend', this);
  /** A key that is a member's or a stranger's, as the test wants it. */
  readonly mallory = keyPairFromSeed(new Uint8Array(32).fill(66)).nodeId;

  /** With the friend connected and synced. `mallory`: what the victim takes it for. */
  static async open({ mallory }: { readonly mallory: 'member' | 'stranger' }): Promise<LinkRig> {
    const rig = new LinkRig();
    const members = [rig.victim.nodeId, rig.friend.nodeId, ...(mallory === 'member' ? [rig.mallory] : [])];
    for (const party of [rig.victim, rig.friend]) party.mesh.members.push(...members);
    rig.victim.acceptAll();
    await rig.time.run(rig.friend.dial(rig.victim));
    await rig.time.advance(100);
    rig.assertFriendIsWell();
    return rig;
  }

  /** Connects as mallory, or by another key. */
  async attack(as = this.mallory): Promise<RawPeer> {
    const transport = this.network.transport(as);
    const peer = await this.time.run(RawPeer.dial(transport, this.victim.transport.address()));
    await this.time.advance(10);
    return peer;
  }

  /** The peer begins to sync the victim's store. */
  openSync(peer: RawPeer): Promise<RawStream> {
    const { store } = this.victim.mesh;
    return this.time.run(peer.openKind({ case: 'sync', value: { store: store.id } }));
  }

  /** How mallory names the mesh to the victim. */
  get tag(): Uint8Array {
    return this.tagOf(this.mallory);
  }

  /** How somebody else does. */
  tagOf(peer: NodeId): Uint8Array {
    return blake3('mesh-tag', this.victim.mesh.id, peer, this.victim.nodeId).subarray(0, 16);
  }

  /** Fails where what mallory does harms anybody else. */
  assertFriendIsWell(): void {
    const [link] = this.friend.links;
    const theirs = this.victim.links.find(({ peer }) => idKey(peer) === idKey(this.friend.nodeId));
    if (!link?.shares(this.friend.mesh.id) || !theirs?.shares(this.victim.mesh.id))
      throw new Error('the link with the friend is unaffected');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const party of [this.victim, this.friend]) await party.transport[Symbol.asyncDispose]();
    await this.time.advance(100);
  }
}

function partyOf(
  name: string,
  { network, time }: Pick<LinkRig, 'network' | 'time'>,
): Party<FakeMesh<FakeStore>> {
  const { nodeId } = keyPairFromSeed(blake3('token', new TextEncoder().encode(name)));
  const store = (number: number) => new FakeStore(parseStoreId(new Uint8Array(32).fill(number)));
  return new Party({ nodeId, network, time, mesh: new FakeMesh(store(1), store(2)) });
}

/** It is empty, and takes nothing. */
class FakeStore implements LinkStore {
  readonly id: StoreId;
  /** What it says that it holds. */
  held = 0;
  /** How often the digest was computed. */
  digests = 0;
  /** Bundles that were offered. */
  offered = 0;
  /** How often a sync began by asking for the tips. */
  compared = 0;
  /** Asking for them fails. */
  isClosed = false;

  constructor(id: StoreId) {
    this.id = id;
  }

  tips(): [] {
    if (this.isClosed) throw new Error('the store is closed');
    this.compared++;
    return [];
  }

  timeOf(): ReturnType<LinkStore['timeOf']> {
    return hlcFromMs(0);
  }

  digest(): Hash {
    this.digests++;
    return parseHash(blake3('tips', this.held ? Uint8Array.of(this.held) : new Uint8Array(0)));
  }

  entries(): number {
    return this.held;
  }

  knows(): boolean {
    return false;
  }

  samples(): [] {
    return [];
  }

  outgoing(): Iterator<SendableBundle> {
    return [][Symbol.iterator]();
  }

  horizon(): ReturnType<LinkStore['horizon']> {
    return hlcFromMs(Date.UTC(2026, 0, 1));
  }

  /** Takes what begins with 1, has what begins with 2, and has everything else for broken. */
  async admit([first]: Uint8Array): ReturnType<LinkStore['admit']> {
    this.offered++;
    return first === 1 || first === 2
      ? { kind: 'taken', entries: first === 1 ? 1 : 0 }
      : { kind: 'invalid', reason: 'it does not verify' };
  }
}
