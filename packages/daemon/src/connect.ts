import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { Code, ConnectError } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { createLatticeClient, type LatticeClient, messageBytesMax } from '@lattice/api';
import type { Owner } from './data-directory.js';
import { authority, openSession, type SessionOptions } from './owner-session.js';

export interface Connection {
  readonly client: LatticeClient;
  /** Ends what is under way. */
  close(): void;
}

/**
 * A client of the process that has the directory, once that has answered; `undefined` where nobody listens. Rejects with
 * `daemon-not-answering` or `daemon-unreachable`.
 */
export async function connectToSocket(
  owner: Owner,
  options: SessionOptions,
): Promise<Connection | undefined> {
  const session = await openSession(owner, options);
  if (session === undefined) return undefined;
  const sessions = new Sessions(session, () => openSession(owner, { timers: options.timers }));
  const transport = createConnectTransport({
    httpVersion: '2',
    baseUrl: authority,
    sessionManager: sessions,
    readMaxBytes: messageBytesMax,
  });
  return { client: createLatticeClient(transport), close: () => sessions.close() };
}

/** One session at a time: the next after a restart of the owner. */
class Sessions {
  readonly authority = authority;
  #opening: Promise<ClientHttp2Session | undefined> | undefined;
  #isClosed = false;

  constructor(
    private session: ClientHttp2Session,
    private readonly open: () => Promise<ClientHttp2Session | undefined>,
  ) {}

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: object,
  ): Promise<ClientHttp2Stream> {
    if (this.session.closed || this.session.destroyed) await this.#reopen();
    return this.session.request({ ...headers, ':method': method, ':path': path }, options);
  }

  /** Streams may be silent for as long as there is nothing to say. */
  notifyResponseByteRead(): void {}

  close(): void {
    this.#isClosed = true;
    this.session.destroy();
  }

  async #reopen(): Promise<void> {
    this.#opening ??= this.open().finally(() => (this.#opening = undefined));
    const opened = await this.#opening;
    if (this.#isClosed) opened?.destroy();
    if (opened === undefined || this.#isClosed)
      throw new ConnectError('nobody listens on the socket any more', Code.Unavailable);
    this.session = opened;
  }
}
