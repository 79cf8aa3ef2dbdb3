import { createServer as createHttp1Server } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import { createServer, type Server } from 'node:net';
import type { ConnectRouter } from '@connectrpc/connect';
import { toConnectError } from '@lattice/api';
import { LatticeError, type Logger, type Timers } from '@lattice/model';
import { CallsInFlight } from './socket/calls-in-flight.js';
import { Connections } from './socket/connections.js';
import { onHttpVersion } from './socket/http-versions.js';
import { requestHandler } from './socket/request-handler.js';
import { listenPrivately } from './socket/socket-file.js';

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
  const connections = new Connections(timers);
  const handle = requestHandler(routes, { shutdown: shutdown.signal, logger, timers });
  const http1 = createHttp1Server();
  const http2 = createHttp2Server({ settings: { maxConcurrentStreams: callsPerConnectionMax } });
  for (const server of [http1, http2])
    server.on('request', (request, response) => {
      calls.add(response);
      handle(request, response);
    });
  http1.on('request', ({ socket }, response) => connections.of(socket)?.addCall(response));
  const sessions = new Set<ServerHttp2Session>();

  const server = createServer((socket) => {
    const connection = connections.admit(socket);
    if (connection === undefined) return;
    // Whatever goes wrong on one connection ends that one.
    socket.on('error', (error) => logger.log('debug', 'a connection failed', { reason: error.message }));
    onHttpVersion(socket, {
      http1: (plain) => http1.emit('connection', plain),
      http2: (binary) => {
        // The session begins before `emit` returns.
        http2.once('session', (session: ServerHttp2Session) => {
          sessions.add(session);
          session.once('close', () => sessions.delete(session));
          session.once('remoteSettings', () => connection.allowSilence());
          session.on('stream', (stream) => connection.addCall(stream));
        });
        http2.emit('connection', binary);
      },
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
    connections.cutAll();
    await stopped;
  };
  return {
    socketPath,
    close: (options) => (closed ??= close(options)),
  };
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
