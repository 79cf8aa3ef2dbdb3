import type { NodeId } from '@lattice/model';
import type {
  CloseReason,
  Connection,
  ConnectionInfo,
  PeerAddress,
  Stream,
  Transport,
} from '@lattice/net-types';
import type { Lifeline } from './lifeline.js';

/** What tests may do to, and see of, what goes over one process's connections. */
export interface ProcessTaps {
  onDial(peer: NodeId): void;
  /** Whether what is written gets lost on its way. What is written at once is one frame of the protocol. */
  isLost(to: NodeId, bytes: Uint8Array): boolean;
  onReceived(bytes: Uint8Array): void;
  /** Resolves when the process may go on reading. */
  untilReading(): Promise<void>;
}

/** A process's place on the network: what is under way to it when it dies reaches nobody. */
export class ProcessTransport implements Transport {
  readonly #inner: Transport;
  readonly #life: Lifeline;
  readonly #taps: ProcessTaps;
  readonly #open = new Set<ProcessConnection>();

  constructor(inner: Transport, life: Lifeline, taps: ProcessTaps) {
    this.#inner = inner;
    this.#life = life;
    this.#taps = taps;
  }

  get nodeId(): NodeId {
    return this.#inner.nodeId;
  }

  /** The connections that stand. */
  get connections(): readonly Connection[] {
    return [...this.#open];
  }

  address(): PeerAddress {
    return this.#inner.address();
  }

  onAddressChange(listener: () => void): () => void {
    return this.#inner.onAddressChange(listener);
  }

  async connect(peer: PeerAddress, signal: AbortSignal): Promise<Connection> {
    this.#taps.onDial(peer.nodeId);
    return this.#adopt(await this.#life.hold(this.#inner.connect(peer, signal)));
  }

  async accept(): Promise<Connection | undefined> {
    const connection = await this.#life.hold(this.#inner.accept());
    return connection && this.#adopt(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  #adopt(inner: Connection): Connection {
    const connection = new ProcessConnection(inner, this.#life, this.#taps);
    this.#open.add(connection);
    void inner.closed.then(() => this.#open.delete(connection));
    return connection;
  }
}

class ProcessConnection implements Connection {
  readonly remote: NodeId;
  readonly dialled: boolean;
  readonly closed: Promise<CloseReason>;
  readonly #inner: Connection;
  readonly #life: Lifeline;
  readonly #taps: ProcessTaps;

  constructor(inner: Connection, life: Lifeline, taps: ProcessTaps) {
    this.remote = inner.remote;
    this.dialled = inner.dialled;
    this.closed = life.hold(inner.closed);
    this.#inner = inner;
    this.#life = life;
    this.#taps = taps;
  }

  async openStream(): Promise<Stream> {
    return this.#wrap(await this.#life.hold(this.#inner.openStream()));
  }

  async acceptStream(): Promise<Stream | undefined> {
    const stream = await this.#life.hold(this.#inner.acceptStream());
    return stream && this.#wrap(stream);
  }

  close(reason: string): void {
    if (!this.#life.hasEnded) this.#inner.close(reason);
  }

  info(): ConnectionInfo {
    return this.#inner.info();
  }

  #wrap(stream: Stream): Stream {
    return new ProcessStream(stream, this.remote, this.#life, this.#taps);
  }
}

class ProcessStream implements Stream {
  readonly #inner: Stream;
  readonly #remote: NodeId;
  readonly #life: Lifeline;
  readonly #taps: ProcessTaps;

  constructor(inner: Stream, remote: NodeId, life: Lifeline, taps: ProcessTaps) {
    this.#inner = inner;
    this.#remote = remote;
    this.#life = life;
    this.#taps = taps;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#taps.isLost(this.#remote, bytes)) return;
    await this.#life.hold(this.#inner.write(bytes));
  }

  finish(): Promise<void> {
    return this.#life.hold(this.#inner.finish());
  }

  async read(): Promise<Uint8Array | undefined> {
    const bytes = await this.#life.hold(this.#inner.read());
    await this.#taps.untilReading();
    if (bytes) this.#taps.onReceived(bytes);
    return bytes;
  }

  reset(): void {
    if (!this.#life.hasEnded) this.#inner.reset();
  }
}
