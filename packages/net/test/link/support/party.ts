import { type NodeId, silentLogger } from '@lattice/model';
import { InboundRoom, type LinkHost, type LinkMesh, PeerLink, type StoreHolding } from '@lattice/net';
import type { CloseReason, Connection, Transport } from '@lattice/net-types';
import { type MemoryNetwork, SeededRandom, type VirtualTime } from '@lattice/testkit';

export interface PartyOptions<Mesh extends LinkMesh> {
  readonly nodeId: NodeId;
  readonly network: MemoryNetwork;
  readonly time: VirtualTime;
  readonly mesh: Mesh;
  /** What its links go over, in place of the connection itself. */
  readonly over?: (connection: Connection) => Connection;
}

/** A node, as far as its links know: it has one mesh, which has no overlay. */
export class Party<Mesh extends LinkMesh> {
  readonly nodeId: NodeId;
  readonly transport: Transport;
  readonly mesh: Mesh;
  readonly links: PeerLink[] = [];
  readonly room = new InboundRoom();
  /** What peers said that they hold, in order. */
  readonly heard: StoreHolding[] = [];
  /** Why its links have ended, in order. */
  readonly ended: CloseReason[] = [];
  /** What it found broken in what others said. */
  readonly offences: string[] = [];
  readonly #options: PartyOptions<Mesh>;
  readonly #random: SeededRandom;

  constructor(options: PartyOptions<Mesh>) {
    const { nodeId, network, mesh } = options;
    this.nodeId = nodeId;
    this.mesh = mesh;
    this.transport = network.transport(nodeId);
    this.#options = options;
    this.#random = new SeededRandom(nodeId[0] ?? 0);
  }

  acceptAll(): void {
    const accept = async () => {
      for (let next = await this.transport.accept(); next; next = await this.transport.accept())
        this.#adopt(next);
    };
    void accept();
  }

  async dial(other: Pick<Party<Mesh>, 'transport'>): Promise<PeerLink> {
    const { signal } = new AbortController();
    return this.#adopt(await this.transport.connect(other.transport.address(), signal));
  }

  #adopt(connection: Connection): PeerLink {
    const { time, over } = this.#options;
    const link = new PeerLink({
      connection: over ? over(connection) : connection,
      host: this.#host(),
      clock: time,
      timers: time,
      random: this.#random,
      logger: silentLogger,
      onChange: () => undefined,
      onHoldings: (holdings) => this.heard.push(...holdings),
      onOffence: (reason) => this.offences.push(reason),
    });
    this.links.push(link);
    void link.run().then((reason) => this.ended.push(reason));
    return link;
  }

  #host(): LinkHost {
    return {
      self: this.nodeId,
      software: 'test',
      meshes: () => [this.mesh],
      room: this.room,
      hearGossip: () => undefined,
      isNews: () => true,
    };
  }
}
