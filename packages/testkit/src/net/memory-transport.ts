import type { NodeId } from '@lattice/model';
import { toHex } from '@lattice/model';
import type { Connection, PeerAddress, Transport } from '@lattice/net-types';
import {
  Breaker,
  connectionsWaitingMax,
  dialAborted,
  dialGivenUp,
  Inbox,
  transportClosed,
  untilAborted,
} from '@lattice/net-types';
import type { MemoryConnection } from './memory-connection.js';

/** What a transport wants of its network. */
export interface MemoryTransportPorts {
  /** Rejects with `dial-failed`. What it brings although nobody waits for it any more is closed by the caller. */
  dial(from: MemoryTransport, peer: PeerAddress, signal: AbortSignal): Promise<MemoryConnection>;
  detach(transport: MemoryTransport): void;
}

/** One node's place in a `MemoryNetwork`. */
export class MemoryTransport implements Transport {
  readonly nodeId: NodeId;
  readonly #listeners = new Set<() => void>();
  readonly #ports: MemoryTransportPorts;
  readonly #connections = new Set<MemoryConnection>();
  readonly #inbox = new Inbox<Connection>(connectionsWaitingMax);
  readonly #closing = new Breaker();

  #memoryAddress: string;

  constructor(nodeId: NodeId, ports: MemoryTransportPorts, memoryAddress = `memory:${toHex(nodeId)}`) {
    this.nodeId = nodeId;
    this.#memoryAddress = memoryAddress;
    this.#ports = ports;
  }

  get memoryAddress(): string {
    return this.#memoryAddress;
  }

  address(): PeerAddress {
    return { nodeId: this.nodeId, direct: [this.#memoryAddress] };
  }

  onAddressChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As when a laptop changes networks: it is to be found elsewhere from now on, and its connections last. */
  move(memoryAddress: string): void {
    this.#memoryAddress = memoryAddress;
    for (const listener of this.#listeners) listener();
  }

  async connect(peer: PeerAddress, signal: AbortSignal): Promise<Connection> {
    if (this.#closing.error !== undefined) throw this.#closing.error;
    if (signal.aborted) throw dialAborted();
    const attempt = this.#ports.dial(this, peer, signal);
    return untilAborted<Connection>(attempt, signal, (late) => late.close(dialGivenUp), this.#closing);
  }

  accept(): Promise<Connection | undefined> {
    return this.#inbox.take();
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const connection of [...this.#connections]) connection.close('the node is shutting down');
    this.vanish();
    return Promise.resolve();
  }

  /** As when the process is killed: nobody is told. */
  vanish(): void {
    this.#closing.break(transportClosed());
    this.#inbox.close();
    for (const connection of [...this.#connections]) connection.endWith({ by: 'local', reason: 'closed' });
    this.#ports.detach(this);
  }

  /** Of the network: a connection that begins here. */
  keep(connection: MemoryConnection): void {
    this.#connections.add(connection);
  }

  forget(connection: MemoryConnection): void {
    this.#connections.delete(connection);
  }

  /** Of the network: a connection that somebody else dialled. */
  takeIn(connection: MemoryConnection): void {
    if (!this.#inbox.offer(connection)) connection.close('too many connections wait to be accepted');
  }
}
