import { blake3, type KeyPair, keyPairFromSeed } from '@lattice/crypto';
import { storeIdOf } from '@lattice/kernel';
import { assert, type NodeId, type StoreId, storeUuid } from '@lattice/model';
import { decodeGenesis } from '@lattice/proto';
import type { MemoryTransport, SeededRandom } from '@lattice/testkit';
import { recordsOf } from '../disk/read-logs.js';
import type { SimMachine } from '../world/machine.js';
import type { World } from '../world/world.js';
import { type Had, Knowledge } from './known.js';

/** Entries that were made together. */
export interface Batch {
  readonly store: StoreId;
  readonly entries: readonly Had[];
}

/**
 * Somebody who has a node's key: beside the node, while it runs, or in its place. It speaks the protocol by hand, as far as it
 * pleases. A member who means ill is one whose node does not run any more.
 */
export class Thief {
  readonly name: string;
  readonly key: KeyPair;
  readonly victim: SimMachine;
  readonly batches = new Map<string, Batch>();
  /** The entry that it made last, in hexadecimal. */
  last = '';
  readonly #talks = new Map<string, Promise<void>>();
  readonly #world: World;
  readonly #stores = new Map<string, { readonly id: StoreId; readonly known: Knowledge }>();
  #transport: MemoryTransport | undefined;

  constructor(world: World, name: string, victim: SimMachine) {
    const { identity } = victim.disk.memory;
    assert(identity, 'a machine has a key');
    this.name = name;
    this.victim = victim;
    this.key = keyPairFromSeed(identity);
    this.#world = world;
  }

  get nodeId(): NodeId {
    return this.key.nodeId;
  }

  /** Its place on the network. */
  get transport(): MemoryTransport {
    return (this.#transport ??= this.#world.network.transport(this.nodeId, this.#world.freshAddress()));
  }

  chance(what: string): SeededRandom {
    return this.#world.chance.stream(`${what} of ${this.name}`);
  }

  /** What it knows of a store. */
  known(store: StoreId): Knowledge {
    const uuid = storeUuid(store);
    const { known } = this.#stores.get(uuid) ?? { known: new Knowledge() };
    this.#stores.set(uuid, { id: store, known });
    return known;
  }

  /** Those of which it knows. */
  get stores(): readonly { readonly id: StoreId; readonly known: Knowledge }[] {
    return [...this.#stores.values()];
  }

  /** Somebody of whom nobody has heard. */
  stranger(index: number): KeyPair {
    return keyPairFromSeed(this.chance(`stranger ${index}`).fork().bytes(32));
  }

  /** All that is on its victim's disk by now, with the signatures that came with it. */
  async learn(): Promise<void> {
    const { disk } = this.victim;
    for (const [uuid, { genesis }] of disk.memory.stores) {
      if (!disk.files.has(uuid)) continue;
      const known = this.known(storeIdOf(decodeGenesis(genesis)));
      for (const { bundle } of await recordsOf(disk, uuid)) {
        const lastOf = new Map(bundle.chainOf.map((chain, index) => [chain, index]));
        for (const [index, entry] of bundle.entries.entries()) {
          const hash = bundle.hashes[index];
          const chain = bundle.chainOf[index];
          assert(hash && chain !== undefined, "a bundle's arrays are in step");
          const signature = lastOf.get(chain) === index ? bundle.chains[chain]?.signature : undefined;
          known.add({ entry, hash, ...(signature && { signature }) });
        }
      }
    }
  }

  /** How it names the mesh to somebody: see the protocol's "Sharing a mesh". */
  tagFor(mesh: StoreId, to: NodeId): Uint8Array {
    return blake3('mesh-tag', mesh, this.nodeId, to).subarray(0, 16);
  }

  /** Talks to somebody once it has said to that one what it had to say before: a second connection would end the first. */
  talk(to: string, conversation: () => Promise<void>): Promise<void> {
    const talk = (this.#talks.get(to) ?? Promise.resolve()).catch(() => undefined).then(conversation);
    this.#talks.set(to, talk);
    return talk;
  }

  /** Says nothing more. */
  async fallSilent(): Promise<void> {
    await this.#transport?.[Symbol.asyncDispose]();
    this.#transport = undefined;
  }
}
