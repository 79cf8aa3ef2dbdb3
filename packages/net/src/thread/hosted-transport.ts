import { type Logger, type NodeId, unreachable } from '@lattice/model';
import type { Connection, PeerAddress, Transport } from '@lattice/net-types';
import {
  connectionsWaitingMax,
  dialAborted,
  dialGivenUp,
  Inbox,
  transportClosed,
  untilAborted,
} from '@lattice/net-types';
import { HostedConnection, type Streams } from './hosted-connection.js';
import { type ConnectionParts, errorOf, type Post, type Request, type Tidings } from './messages.js';
import { ThreadCalls } from './thread-calls.js';

/**
 * A transport that lives in another thread, where a `TransportHost` has it: what moving bytes takes is taken there, and the
 * event loop of this thread stays free.
 */
export class HostedTransport implements Transport {
  readonly nodeId: NodeId;

  readonly #calls: ThreadCalls;
  readonly #logger: Logger;
  readonly #connections = new Map<number, HostedConnection>();
  readonly #streams: Streams = new Map();
  readonly #inbox = new Inbox<Connection>(connectionsWaitingMax);
  readonly #listeners = new Set<() => void>();
  #address: PeerAddress;
  #isClosing = false;
  readonly #closed: Promise<void>;
  #resolveClosed: (() => void) | undefined;

  constructor(post: Post<Request>, address: PeerAddress, logger: Logger) {
    this.nodeId = address.nodeId;
    this.#address = address;
    this.#logger = logger;
    this.#calls = new ThreadCalls(post);
    this.#closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  address(): PeerAddress {
    return this.#address;
  }

  onAddressChange(listener: () => void): () => void {
    if (this.#isClosing) return () => undefined;
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async connect(peer: PeerAddress, signal: AbortSignal): Promise<Connection> {
    if (this.#isClosing) throw transportClosed();
    if (signal.aborted) throw dialAborted();
    const { call, answer } = this.#calls.dial(crossing(peer));
    try {
      return await untilAborted(answer, signal, (late) => late.close(dialGivenUp));
    } catch (error) {
      if (signal.aborted) this.#calls.tell({ do: 'abort', dial: call });
      throw error;
    }
  }

  accept(): Promise<Connection | undefined> {
    return this.#inbox.take();
  }

  /** Idempotent. Resolves when the other thread has closed it. */
  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#listeners.clear();
      this.#inbox.close();
      this.#calls.tell({ do: 'close' });
    }
    return this.#closed;
  }

  /** To be called with each message of the other thread, in order. */
  hear(tidings: Tidings): void {
    switch (tidings.is) {
      case 'done':
        return this.#calls.settle(tidings.call, undefined);
      case 'failed':
        return this.#calls.fail(tidings.call, tidings.error);
      case 'connection':
        return this.#take(tidings.connection, tidings.call);
      case 'stream':
        if (tidings.call !== undefined) return this.#calls.settle(tidings.call, tidings.stream);
        return this.#connections.get(tidings.connection)?.take(tidings.stream);
      case 'bytes':
        return this.#streams.get(tidings.stream)?.take(tidings.bytes);
      case 'broken':
        return this.#streams.get(tidings.stream)?.break(errorOf(tidings.error));
      case 'info':
        return this.#connections.get(tidings.connection)?.see(tidings.info);
      case 'connectionClosed':
        this.#connections.get(tidings.connection)?.end(tidings.reason);
        this.#connections.delete(tidings.connection);
        return;
      case 'address':
        this.#address = tidings.address;
        for (const listener of [...this.#listeners]) listener();
        return;
      case 'log':
        return this.#logger.log(tidings.level, tidings.message, tidings.fields);
      case 'closed':
        this.#inbox.close();
        return this.#resolveClosed?.();
      default:
        return unreachable(tidings);
    }
  }

  #take(parts: ConnectionParts, call: number | undefined): void {
    const connection = new HostedConnection(parts, this.#calls, this.#streams);
    this.#connections.set(parts.id, connection);
    if (call !== undefined) this.#calls.settle(call, connection);
    else if (!this.#inbox.offer(connection)) connection.close('too many connections wait to be accepted');
  }
}

/** An address without what else may hang on it. */
function crossing({ nodeId, direct, relay }: PeerAddress): PeerAddress {
  return { nodeId, direct: [...direct], ...(relay !== undefined && { relay }) };
}
