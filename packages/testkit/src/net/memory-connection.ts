import type { NodeId } from '@lattice/model';
import { assert } from '@lattice/model';
import type { CloseReason, Connection, ConnectionInfo, Stream } from '@lattice/net-types';
import { Breaker, cleanReason, connectionClosed, Inbox, streamsWaitingMax } from '@lattice/net-types';
import type { MemoryLane } from './memory-lane.js';
import type { LinkUser, MemoryLink } from './memory-link.js';
import type { StreamPorts } from './memory-stream.js';
import { MemoryStream } from './memory-stream.js';

export interface MemoryConnectionOptions {
  readonly remote: NodeId;
  readonly remoteAddress: string;
  readonly dialled: boolean;
  readonly link: MemoryLink;
  /** What brings things to the other end. */
  readonly lane: MemoryLane;
  readonly windowBytes: number;
  onEnd(connection: MemoryConnection): void;
}

/** One end of a connection within this process. */
export class MemoryConnection implements Connection, LinkUser {
  readonly remote: NodeId;
  readonly dialled: boolean;
  readonly closed: Promise<CloseReason>;

  readonly #options: MemoryConnectionOptions;
  readonly #streams = new Set<MemoryStream>();
  readonly #inbox = new Inbox<Stream>(streamsWaitingMax);
  readonly #breaker = new Breaker();
  #far: MemoryConnection | undefined;
  #resolveClosed: ((reason: CloseReason) => void) | undefined;

  /** Two ends that belong together. */
  static pair(
    near: MemoryConnectionOptions,
    far: MemoryConnectionOptions,
  ): readonly [MemoryConnection, MemoryConnection] {
    const ends = [new MemoryConnection(near), new MemoryConnection(far)] as const;
    ends[0].#far = ends[1];
    ends[1].#far = ends[0];
    return ends;
  }

  private constructor(options: MemoryConnectionOptions) {
    this.#options = options;
    this.remote = options.remote;
    this.dialled = options.dialled;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    options.link.join(this);
  }

  openStream(): Promise<Stream> {
    if (this.#breaker.error !== undefined) return Promise.reject(this.#breaker.error);
    const far = this.#other();
    let isKnownThere = false;
    const [stream, farStream] = MemoryStream.pair(
      this.#streamPorts((deliver) => {
        if (!isKnownThere) far.#takeIn(farStream);
        isKnownThere = true;
        deliver();
      }),
      far.#streamPorts((deliver) => deliver()),
    );
    this.#streams.add(stream);
    return Promise.resolve(stream);
  }

  acceptStream(): Promise<Stream | undefined> {
    return this.#inbox.take();
  }

  close(reason: string): void {
    if (this.#breaker.error !== undefined) return;
    const words = cleanReason(reason);
    this.endWith({ by: 'local', reason: words });
    const far = this.#other();
    this.#options.lane.carry(() => far.endWith({ by: 'remote', reason: words }));
  }

  info(): ConnectionInfo {
    const { remoteAddress, link } = this.#options;
    return { path: 'memory', remoteAddress, rttMs: 2 * link.latencyMs };
  }

  /** This end is over; the other one is not told. */
  endWith(reason: CloseReason): void {
    if (this.#breaker.error !== undefined) return;
    const error = connectionClosed(reason);
    this.#breaker.break(error);
    this.#inbox.close();
    for (const stream of this.#streams) stream.break(error);
    this.#options.link.leave(this);
    this.#resolveClosed?.(reason);
    this.#options.onEnd(this);
  }

  #takeIn(stream: MemoryStream): void {
    this.#streams.add(stream);
    if (!this.#inbox.offer(stream)) stream.reset();
  }

  /** `arrive` runs at the other end, when something has come there. */
  #streamPorts(arrive: (deliver: () => void) => void): StreamPorts {
    const { lane, windowBytes } = this.#options;
    const far = this.#other();
    const sequence = {};
    return {
      windowBytes,
      count: (bytes) => lane.count(bytes),
      carry: (deliver, bytes) => {
        const come = () => {
          if (far.#breaker.error === undefined) arrive(deliver);
        };
        lane.carry(come, sequence, bytes);
      },
      forget: (stream) => this.#streams.delete(stream),
    };
  }

  #other(): MemoryConnection {
    assert(this.#far !== undefined, 'a connection has two ends');
    return this.#far;
  }
}
