import { createServer as createHttp1Server } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import type { ConnectRouter } from '@connectrpc/connect';
import { toConnectError } from '@lattice/api';
import { LatticeError, type Logger, type Timers } from '@lattice/model';
import { CallsInFlight } from './socket/calls-in-flight.js';
import { onHttpVersion } from './socket/http-versions.js';
import { requestHandler } from './socket/request-handler.js';
import { listenPrivately } from './socket/socket-file.js';

const connectionsMax = 256;
const callsPerConnectionMax = 128;
/** What a call gets to say that it was cut off. */
const lastWordsMs = 1_000;

export interface ServeOptions {
  readonly socketPath: string;
  readonly logger: Logger;
  readonly timers: Timers;
}

export interface CloseOptions {
  /** How long calls of others may go on. */
  readonly drainMs: number;
  /** Ends the patience for them. */
  readonly signal?: AbortSignal;
  /** Called when there are any. */
  readonly onWait?: () => void;
}

/** A service on a Unix socket. */
export interface Serving {
  readonly socketPath: string;
  /**
   * Takes no more connections and removes the socket at once; lets the calls in flight finish for at most `drainMs`, then
   * cuts them off. Calling it again only waits for the first call.
   */
  close(options: CloseOptions): Promise<void>;
}

/** Serves HTTP/1.1 and HTTP/2 on one socket, for this user only. The caller holds the data directory's lock. */
export async function serve(
  routes: (router: ConnectRouter) => void,
  { socketPath, logger, timers }: ServeOptions,
): Promise<Serving> {
  const shutdown = new AbortController();
  const calls = new CallsInFlight();
  const handle = requestHandler(routes, { shutdown: shutdown.signal, logger });
  const http1 = createHttp1Server();
  const http2 = createHttp2Server({ settings: { maxConcurrentStreams: callsPerConnectionMax } });
  for (const server of [http1, http2])
    server.on('request', (request, response) => {
      calls.add(response);
      handle(request, response);
    });
  const sessions = openMembers<ServerHttp2Session>((add) => http2.on('session', add));

  const server = createServer();
  server.maxConnections = connectionsMax;
  const sockets = openMembers<Socket>((add) => server.on('connection', add));
  server.on('connection', (socket) => {
    // Whatever goes wrong on one connection ends that one.
    socket.on('error', (error) => logger.log('debug', 'a connection failed', { reason: error.message }));
    onHttpVersion(socket, timers, {
      http1: (plain) => http1.emit('connection', plain),
      http2: (binary) => http2.emit('connection', binary),
    });
  });
  await listenPrivately(server, socketPath);

  let closed: Promise<void> | undefined;
  const close = async ({ drainMs, signal, onWait }: CloseOptions) => {
    const stopped = stopListening(server);
    for (const session of sessions) session.close();
    if (calls.any) onWait?.();
    await calls.finished(timers, drainMs, signal);
    shutdown.abort(toConnectError(stoppedByOwner()));
    await calls.finished(timers, lastWordsMs);
    for (const socket of sockets) socket.destroy();
    await stopped;
  };
  return {
    socketPath,
    close: (options) => (closed ??= close(options)),
  };
}

/** The set of those that were opened and are not closed. */
function openMembers<T extends { once(event: 'close', listener: () => void): unknown }>(
  onOpen: (add: (opened: T) => void) => void,
): ReadonlySet<T> {
  const open = new Set<T>();
  onOpen((opened) => {
    open.add(opened);
    opened.once('close', () => open.delete(opened));
  });
  return open;
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function stoppedByOwner(): LatticeError {
  return new LatticeError(
    'daemon-gone',
    'The process that runs this node is closing: run the command again.',
  );
}
