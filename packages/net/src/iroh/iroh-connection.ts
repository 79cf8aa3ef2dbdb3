import type { Logger, NodeId } from '@lattice/model';
import { toHex } from '@lattice/model';
import type { CloseReason, Connection, ConnectionInfo, Stream } from '@lattice/net-types';
import { Breaker, cleanReason, connectionClosed, Inbox, streamsWaitingMax } from '@lattice/net-types';
import type { NativeConnection, NativeStream } from './binding.js';
import { closeConnection, remoteIdOf } from './binding.js';
import { closeReasonOf } from './causes.js';
import { IrohStream } from './iroh-stream.js';
import { asked } from './native-calls.js';
import { parseSocket } from './own-addresses.js';

/** What the peer may have open at once. (Iroh lets it open 100 before this limit takes hold.) */
const streamsOpenMax = 64n;

export interface ConnectionOwner {
  readonly logger: Logger;
  forget(connection: IrohConnection): void;
  /** Whether that IP address is on a link that this machine is on. */
  isNearby(host: string): boolean;
}

/** A way to the peer: for one that dialled this node, the way it came by, until the native connection names one. */
export interface Way {
  readonly isRelay: boolean;
  /** `undefined` where the binding does not tell. */
  readonly remoteAddress: string | undefined;
}

/**
 * The port's connection over a native one. Its owner holds it from first to last, and it holds the owner: with any of them
 * collected, the native connection would die.
 */
export class IrohConnection implements Connection {
  readonly remote: NodeId;
  readonly dialled: boolean;
  readonly closed: Promise<CloseReason>;

  readonly #native: NativeConnection;
  readonly #owner: ConnectionOwner;
  readonly #streams = new Set<IrohStream>();
  readonly #inbox = new Inbox<Stream>(streamsWaitingMax);
  readonly #breaker = new Breaker();
  #end: CloseReason | undefined;
  #resolveClosed: ((reason: CloseReason) => void) | undefined;
  #info: ConnectionInfo;

  /** `cameBy` of one that the peer dialled. */
  constructor(native: NativeConnection, owner: ConnectionOwner, cameBy?: Way) {
    this.#native = native;
    this.#owner = owner;
    this.remote = remoteIdOf(native);
    this.dialled = cameBy === undefined;
    this.#info = cameBy === undefined ? { path: 'unknown' } : this.#infoOf(cameBy);
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    native.setMaxConcurrentBiStreams(streamsOpenMax);
    void asked(native.closed()).then((how) => this.#endWith(closeReasonOf(how)));
    void this.#takeInStreams();
    void this.#refuseOneWayStreams();
  }

  async openStream(): Promise<Stream> {
    if (this.#breaker.error !== undefined) throw this.#breaker.error;
    const opening = asked(this.#native.openBi());
    try {
      return this.#keep(await this.#breaker.guard(opening));
    } catch {
      throw this.#failure();
    }
  }

  acceptStream(): Promise<Stream | undefined> {
    return this.#inbox.take();
  }

  close(reason: string): void {
    this.#endWith({ by: 'local', reason: cleanReason(reason) });
  }

  info(): ConnectionInfo {
    if (this.#end !== undefined) return this.#info;
    const paths = this.#native.paths();
    // Iroh selects one some time after the handshake; what has been exchanged by then went by the first.
    const path = paths.find((each) => each.isSelected) ?? paths[0];
    if (path !== undefined) {
      const { isRelay, remoteAddr: remoteAddress, rttMs } = path;
      this.#info = { ...this.#infoOf({ isRelay, remoteAddress }), rttMs };
    }
    return this.#info;
  }

  #infoOf({ isRelay, remoteAddress }: Way): ConnectionInfo {
    const isNearby = remoteAddress !== undefined && this.#isNearby(remoteAddress);
    return {
      path: isRelay ? 'relay' : isNearby ? 'lan' : 'direct',
      ...(remoteAddress !== undefined && { remoteAddress }),
    };
  }

  #isNearby(remoteAddress: string): boolean {
    const host = parseSocket(remoteAddress)?.host;
    return host !== undefined && this.#owner.isNearby(host.replace(/^::ffff:/i, ''));
  }

  /** Takes streams in before anybody asks, since what the peer sends on one that waits natively is without bound. */
  async #takeInStreams(): Promise<void> {
    try {
      for (;;) {
        const stream = this.#keep(await asked(this.#native.acceptBi()));
        if (this.#inbox.offer(stream)) continue;
        stream.reset();
        // What was on its way when the connection was closed, as one of two to the same peer is, is nobody's any more.
        if (this.#end !== undefined) continue;
        this.#log('a stream was reset: too many wait to be accepted');
      }
    } catch {
      this.#endWith(this.#howItEnded());
    }
  }

  /** The protocol has none, and what they carry would be buffered for ever. */
  async #refuseOneWayStreams(): Promise<void> {
    try {
      await asked(this.#native.acceptUni());
      this.#log('the peer opened a one-way stream, which no version of the protocol does');
      this.close('one-way streams are not part of the protocol');
    } catch {
      this.#endWith(this.#howItEnded());
    }
  }

  #keep(native: NativeStream): IrohStream {
    const stream = new IrohStream(native, {
      failureOfConnection: () => (this.#native.closeReason() === null ? undefined : this.#failure()),
      forget: (over) => this.#streams.delete(over),
    });
    this.#streams.add(stream);
    return stream;
  }

  #failure(): Error {
    this.#endWith(this.#howItEnded());
    return this.#breaker.error as Error;
  }

  #howItEnded(): CloseReason {
    return closeReasonOf(this.#native.closeReason() ?? 'lost');
  }

  #endWith(reason: CloseReason): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    if (this.#native.closeReason() === null) closeConnection(this.#native, reason.reason);
    const error = connectionClosed(reason);
    this.#breaker.break(error);
    this.#inbox.close();
    for (const stream of this.#streams) stream.break(error);
    this.#resolveClosed?.(reason);
    this.#owner.forget(this);
  }

  #log(message: string): void {
    this.#owner.logger.log('warn', message, { peer: toHex(this.remote) });
  }
}
