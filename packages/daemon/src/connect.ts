import { connect, type Socket } from 'node:net';
import { createConnectTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { createLatticeClient, type LatticeClient, messageBytesMax } from '@lattice/api';
import { LatticeError } from '@lattice/model';

export interface Connection {
  readonly client: LatticeClient;
  /** Ends what is under way. */
  close(): void;
}

/** A client of whoever listens on the socket; `undefined` where nobody does. Rejects with `daemon-unreachable`. */
export async function connectToSocket(socketPath: string): Promise<Connection | undefined> {
  const socket = await openSocket(socketPath);
  if (socket === undefined) return undefined;

  // The first session takes the socket that is open already; one that follows a restart of the owner opens its own.
  let first: Socket | undefined = socket;
  const createConnection = () => {
    const next = first ?? connect(socketPath);
    first = undefined;
    return next;
  };
  // The authority is never looked up: there is only the socket.
  const baseUrl = 'http://lattice';
  const sessionManager = new Http2SessionManager(baseUrl, {}, { createConnection });
  const transport = createConnectTransport({
    httpVersion: '2',
    baseUrl,
    sessionManager,
    readMaxBytes: messageBytesMax,
  });
  return {
    client: createLatticeClient(transport),
    close: () => {
      sessionManager.abort();
      first?.destroy();
    },
  };
}

function openSocket(socketPath: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(socket);
    });
    const failed = (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(cannotConnect(socketPath, error));
    };
    socket.once('error', failed);
  });
}

function cannotConnect(socketPath: string, error: NodeJS.ErrnoException): LatticeError {
  const reason = error.code ?? error.message;
  return new LatticeError(
    'daemon-unreachable',
    `The process that runs this node cannot be reached at ${socketPath} (${reason}): run the command as the user who started it.`,
    { cause: error },
  );
}
