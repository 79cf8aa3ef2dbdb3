import type { NodeId } from '@lattice/model';

/** Where a peer may be reached. `direct` are `ip:port` (IPv6 in brackets); in-memory transports make up their own. */
export interface PeerAddress {
  readonly nodeId: NodeId;
  readonly direct: readonly string[];
  readonly relay?: string;
}

/**
 * Authenticated, encrypted connections between node ids. Only ids and owned byte buffers cross this port, so that what is
 * behind it can live in another thread. Nothing here reconnects by itself. Its owner closes it; until then it may keep
 * the process alive.
 */
export interface Transport extends AsyncDisposable {
  readonly nodeId: NodeId;

  /** Where this node can be reached, as far as it knows now. */
  address(): PeerAddress;

  /** Calls back whenever `address()` changed. Returns what unsubscribes. */
  onAddressChange(listener: () => void): () => void;

  /**
   * Dials, trying all addresses. Rejects with `dial-failed` (unreachable, refused, or another key answered),
   * `transport-closed`, or `aborted` as soon as the signal fires; what was left of the attempt is then closed when it
   * completes. A dial may take half a minute to fail: hand in a signal that bounds it.
   */
  connect(peer: PeerAddress, signal: AbortSignal): Promise<Connection>;

  /**
   * The next connection that somebody else dialled; `undefined` once the transport is closed. One caller at a time. At
   * most `connectionsWaitingMax` wait to be accepted, further ones are refused.
   */
  accept(): Promise<Connection | undefined>;
}

/** `lan`: directly, over a link that both are on. `unknown`: for who dialled, until something has gone over it. */
export type ConnectionPath = 'lan' | 'direct' | 'relay' | 'memory' | 'unknown';

export interface ConnectionInfo {
  readonly path: ConnectionPath;
  /** As the peer's packets come from now, where that is known. */
  readonly remoteAddress?: string;
  readonly rttMs?: number;
}

/** Why a connection ended: what either side said, or what the network did. The peer's words are cleaned, never trusted. */
export interface CloseReason {
  readonly by: 'local' | 'remote' | 'network';
  readonly reason: string;
}

export interface Connection {
  /** The key that the peer proved to hold. */
  readonly remote: NodeId;
  readonly dialled: boolean;
  /**
   * Opens a stream; the peer learns of it with the first bytes written, or when it is finished. Waits while the peer
   * has as many open as it allows. Rejects with `connection-closed`.
   */
  openStream(): Promise<Stream>;
  /**
   * The next stream that the peer opened; `undefined` once the connection is closed. One caller at a time. At most
   * `streamsWaitingMax` wait to be accepted, further ones are reset.
   */
  acceptStream(): Promise<Stream | undefined>;
  /**
   * Idempotent. All streams break; the peer sees the reason (at most 200 bytes of it). What was written and has not been
   * read by the peer is lost: who wants to be sure lets the peer answer first.
   */
  close(reason: string): void;
  /** Resolves, never rejects, when the connection has ended on either side's account. */
  readonly closed: Promise<CloseReason>;
  info(): ConnectionInfo;
}

/**
 * A bidirectional, ordered, reliable stream of bytes. It is over when it was reset, or when both sides have finished and
 * this one has read to the end; until then it takes one of the places that a connection has for streams.
 */
export interface Stream {
  /**
   * Resolves when the bytes are handed to the network: awaiting each write is flow control. Writes go out in the order
   * of their calls. The buffer is the callee's from then on. Rejects with `stream-closed` (also when the peer has reset
   * the stream) or `connection-closed`.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends this side's direction, once all written has been handed over. Idempotent. Rejects as `write` does. */
  finish(): Promise<void>;
  /**
   * The next bytes, 1 to 64 KiB, the caller's own; `undefined` when the peer has finished. One caller at a time. Rejects
   * with `stream-closed` or `connection-closed`.
   */
  read(): Promise<Uint8Array | undefined>;
  /**
   * Abandons both directions: what is pending here rejects at once, and the peer's calls reject as they reach the break.
   * Idempotent, never throws. Nothing happens to a stream that is over.
   */
  reset(): void;
}
