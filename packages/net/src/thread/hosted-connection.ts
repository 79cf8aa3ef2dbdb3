import type { NodeId } from '@lattice/model';
import type { CloseReason, Connection, ConnectionInfo, Stream } from '@lattice/net-types';
import { Breaker, cleanReason, connectionClosed, Inbox, streamsWaitingMax } from '@lattice/net-types';
import { HostedStream } from './hosted-stream.js';
import type { ConnectionParts } from './messages.js';
import type { ThreadCalls } from './thread-calls.js';

/** Where the streams of all connections are found by what arrives for them. */
export type Streams = Map<number, HostedStream>;

/** A connection of a transport in another thread. */
export class HostedConnection implements Connection {
  readonly remote: NodeId;
  readonly dialled: boolean;
  readonly closed: Promise<CloseReason>;

  readonly #id: number;
  readonly #calls: ThreadCalls;
  readonly #all: Streams;
  readonly #own = new Set<HostedStream>();
  readonly #inbox = new Inbox<Stream>(streamsWaitingMax);
  readonly #breaker = new Breaker();
  #resolveClosed: ((reason: CloseReason) => void) | undefined;
  #info: ConnectionInfo;

  constructor({ id, remote, dialled, info }: ConnectionParts, calls: ThreadCalls, streams: Streams) {
    this.#id = id;
    this.remote = remote;
    this.dialled = dialled;
    this.#info = info;
    this.#calls = calls;
    this.#all = streams;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  async openStream(): Promise<Stream> {
    if (this.#breaker.error !== undefined) throw this.#breaker.error;
    const opening = this.#calls.openStream(this.#id);
    try {
      return this.#keep(await this.#breaker.guard(opening));
    } catch (error) {
      opening.then(
        (late) => this.#calls.tell({ do: 'reset', stream: late }),
        () => undefined,
      );
      throw this.#breaker.error ?? error;
    }
  }

  acceptStream(): Promise<Stream | undefined> {
    return this.#inbox.take();
  }

  close(reason: string): void {
    const cleaned = cleanReason(reason);
    this.#calls.tell({ do: 'closeConnection', connection: this.#id, reason: cleaned });
    this.end({ by: 'local', reason: cleaned });
  }

  info(): ConnectionInfo {
    return this.#info;
  }

  /** A stream that the peer has opened. */
  take(stream: number): void {
    const taken = this.#keep(stream);
    if (!this.#inbox.offer(taken)) taken.reset();
  }

  see(info: ConnectionInfo): void {
    this.#info = info;
  }

  /** Idempotent: whatever ended it first is what is told. */
  end(reason: CloseReason): void {
    if (this.#breaker.error !== undefined) return;
    const error = connectionClosed(reason);
    this.#breaker.break(error);
    this.#inbox.close();
    for (const stream of this.#own) stream.break(error);
    this.#resolveClosed?.(reason);
  }

  #keep(id: number): HostedStream {
    const stream = new HostedStream(id, this.#calls, () => {
      this.#all.delete(id);
      this.#own.delete(stream);
    });
    this.#all.set(id, stream);
    this.#own.add(stream);
    return stream;
  }
}
