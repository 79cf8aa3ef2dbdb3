import type { Logger, NodeId, Timers } from '@lattice/model';
import { assert, equalBytes, toHex } from '@lattice/model';
import type { Connection, PeerAddress, Transport } from '@lattice/net-types';
import { connectionsWaitingMax, dialFailed, Inbox, transportClosed } from '@lattice/net-types';
import { Acceptor } from './acceptor.js';
import { AddressWatch } from './address-watch.js';
import type { BindAddress } from './bind-address.js';
import type { NativeConnection, NativeEndpoint } from './binding.js';
import { closeConnection, openEndpoint } from './binding.js';
import { Dials } from './dials.js';
import type { Way } from './iroh-connection.js';
import { IrohConnection } from './iroh-connection.js';
import { openSockets } from './open-sockets.js';
import { OwnAddresses, parseSocket, portsOf } from './own-addresses.js';
import { OwnLinks } from './own-links.js';
import { dialAddress } from './peer-address.js';
import type { RelayChoice } from './relay-choice.js';
import type { Ports } from './socket-plan.js';
import { planSockets } from './socket-plan.js';

/** In all, in both directions. A mesh node keeps some ten. */
const connectionsMax = 1_024;

/**
 * How long closing may take, with peers to tell and without: where somebody does not answer, be it a dial that was given
 * up, the binding would take 3 s. What it has not done by then it goes on with while the process lives, which is to be over well
 * before that (see `asked`).
 */
const closeMsMax = { withPeers: 1_000, alone: 100 };

const shuttingDown = 'the node is shutting down';

export interface IrohOptions {
  /** The node's Ed25519 seed, 32 bytes: its public key is the node id. */
  readonly seed: Uint8Array;
  /** The protocol's name and version; only endpoints that use the same one connect. */
  readonly alpn: string;
  /** Where to listen, at most one per address family. Absent: everywhere. */
  readonly bind?: readonly BindAddress[];
  /** Ports to take where they are free and none was asked for: those that `boundPorts()` said last time. */
  readonly preferredPorts?: Ports;
  readonly relay: RelayChoice;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** The port's transport over Iroh (QUIC, https://iroh.computer). Needs no network to start. */
export class IrohTransport implements Transport {
  readonly nodeId: NodeId;

  readonly #endpoint: NativeEndpoint;
  readonly #options: IrohOptions;
  readonly #addresses: OwnAddresses;
  readonly #ports: Ports;
  readonly #watch: AddressWatch;
  readonly #dials = new Dials();
  readonly #links: OwnLinks;
  /** Also keeps them from the garbage collector. */
  readonly #connections = new Set<IrohConnection>();
  readonly #inbox = new Inbox<Connection>(connectionsWaitingMax);
  #closing: Promise<void> | undefined;

  /** Rejects with `port-in-use`, `bind-failed` or `invalid-bind`. Waits for no network. */
  static async bind(options: IrohOptions): Promise<IrohTransport> {
    assert(options.seed.length === 32, 'a seed is 32 bytes');
    const plan = planSockets(options.bind ?? [], options.preferredPorts ?? {});
    const endpoint = await openSockets(plan, (sockets) => openEndpoint({ ...options, sockets }));
    return new IrohTransport(endpoint, options);
  }

  private constructor(endpoint: NativeEndpoint, options: IrohOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.nodeId = endpoint.nodeId();
    const sockets = endpoint.boundSockets().flatMap((text) => parseSocket(text) ?? []);
    this.#ports = portsOf(sockets);
    this.#addresses = new OwnAddresses(sockets);
    this.#watch = new AddressWatch(options.timers, () => JSON.stringify(this.address()));
    this.#links = new OwnLinks(options.timers);
    void this.#takeInConnections();
  }

  /** For the next start's `preferredPorts`. */
  boundPorts(): Ports {
    return this.#ports;
  }

  address(): PeerAddress {
    const { direct, relay } = this.#endpoint.address();
    return {
      nodeId: this.nodeId,
      direct: this.#addresses.list(direct),
      ...(relay !== undefined && { relay }),
    };
  }

  onAddressChange(listener: () => void): () => void {
    return this.#isClosing() ? () => undefined : this.#watch.subscribe(listener);
  }

  async connect(peer: PeerAddress, signal: AbortSignal): Promise<Connection> {
    const name = toHex(peer.nodeId);
    if (this.#isClosing()) throw transportClosed();
    if (equalBytes(peer.nodeId, this.nodeId)) throw dialFailed(name, 'it is this node itself');
    if (!this.#hasRoom()) throw dialFailed(name, 'this node has too many connections');
    const address = dialAddress(peer, this.#options.relay);
    if (address === undefined) throw dialFailed(name, 'none of its addresses is known or usable');
    const native = await this.#dials.run(name, signal, () => this.#endpoint.dial(address));
    if (this.#isClosing()) {
      closeConnection(native, shuttingDown);
      throw transportClosed();
    }
    return this.#keep(native);
  }

  accept(): Promise<Connection | undefined> {
    return this.#inbox.take();
  }

  /** Idempotent. Peers see that this node is shutting down. The ports stay bound until this object is collected. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#watch.close();
    this.#dials.close();
    this.#inbox.close();
    const msMax = this.#connections.size > 0 ? closeMsMax.withPeers : closeMsMax.alone;
    for (const connection of this.#connections) connection.close(shuttingDown);
    await this.#atMost(msMax, this.#endpoint.close());
  }

  async #takeInConnections(): Promise<void> {
    const acceptor = new Acceptor(this.#endpoint, {
      logger: this.#options.logger,
      timers: this.#options.timers,
      hasRoom: () => this.#hasRoom(),
      takeIn: (native, cameBy) => this.#takeIn(native, cameBy),
    });
    await acceptor.run();
    this.#inbox.close();
  }

  #takeIn(native: NativeConnection, cameBy: Way): void {
    if (this.#isClosing()) {
      closeConnection(native, shuttingDown);
      return;
    }
    const connection = this.#keep(native, cameBy);
    if (!this.#inbox.offer(connection)) connection.close('too many connections wait to be accepted');
  }

  #keep(native: NativeConnection, cameBy?: Way): IrohConnection {
    const owner = {
      logger: this.#options.logger,
      forget: (ended: IrohConnection): unknown => this.#connections.delete(ended),
      isNearby: (host: string) => this.#links.includes(host),
    };
    const connection = new IrohConnection(native, owner, cameBy);
    this.#connections.add(connection);
    return connection;
  }

  #isClosing(): boolean {
    return this.#closing !== undefined;
  }

  #hasRoom(): boolean {
    return this.#connections.size < connectionsMax;
  }

  #atMost(ms: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.timers.after(ms, resolve);
      void work
        .catch(() => undefined)
        .then(() => {
          cancel();
          resolve();
        });
    });
  }
}
