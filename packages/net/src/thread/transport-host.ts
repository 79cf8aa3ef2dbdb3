import { type Cancel, type Timers, unreachable } from '@lattice/model';
import type { Connection, ConnectionInfo, Stream, Transport } from '@lattice/net-types';
import { streamClosed } from '@lattice/net-types';
import { StreamHost } from './stream-host.js';
import { partsOf, type Post, type Request, type Tidings } from './messages.js';

/** How a connection is doing is known in the other thread so much later at most. */
const lookEveryMs = 2_000;

/** Has a transport in this thread, for whoever is at the other end of the port: a `HostedTransport`. */
export class TransportHost {
  /** Resolves when the transport is closed, as it was asked to be. */
  readonly closed: Promise<void>;
  readonly #transport: Transport;
  readonly #post: Post<Tidings>;
  readonly #timers: Timers;
  readonly #dials = new Map<number, AbortController>();
  readonly #connections = new Map<number, Hosted>();
  readonly #streams = new Map<number, StreamHost>();
  #next = 1;
  #cancelLook: Cancel | undefined;
  #resolveClosed: (() => void) | undefined;

  constructor(transport: Transport, post: Post<Tidings>, timers: Timers) {
    this.#transport = transport;
    this.#post = post;
    this.#timers = timers;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    transport.onAddressChange(() => this.#post({ is: 'address', address: transport.address() }));
    void this.#takeInConnections();
    this.#lookLater();
  }

  /** To be called with each message of the other thread, in order. */
  serve(request: Request): void {
    switch (request.do) {
      case 'connect':
        return void this.#dial(request);
      case 'abort':
        return this.#dials.get(request.dial)?.abort();
      case 'openStream':
        return void this.#open(request);
      case 'closeConnection':
        return this.#connections.get(request.connection)?.connection.close(request.reason);
      case 'write':
        return void this.#answer(request, (stream) => stream.write(request.bytes));
      case 'finish':
        return void this.#answer(request, (stream) => stream.finish());
      case 'read':
        return this.#streams.get(request.stream)?.read();
      case 'reset':
        return this.#streams.get(request.stream)?.reset();
      case 'close':
        return void this.#close();
      default:
        return unreachable(request);
    }
  }

  async #dial({ call, peer }: Extract<Request, { do: 'connect' }>): Promise<void> {
    const dial = new AbortController();
    this.#dials.set(call, dial);
    try {
      this.#keep(await this.#transport.connect(peer, dial.signal), call);
    } catch (error) {
      this.#post({ is: 'failed', call, error: partsOf(error) });
    } finally {
      this.#dials.delete(call);
    }
  }

  async #open({ call, connection }: Extract<Request, { do: 'openStream' }>): Promise<void> {
    try {
      const hosted = this.#connections.get(connection);
      if (!hosted) throw streamClosed('reset here');
      const stream = this.#keepStream(await hosted.connection.openStream(), hosted);
      this.#post({ is: 'stream', call, connection, stream });
    } catch (error) {
      this.#post({ is: 'failed', call, error: partsOf(error) });
    }
  }

  async #answer(
    { call, stream: id }: { readonly call: number; readonly stream: number },
    work: (stream: StreamHost) => Promise<void>,
  ): Promise<void> {
    try {
      const stream = this.#streams.get(id);
      if (!stream) throw streamClosed('reset here');
      await work(stream);
      this.#post({ is: 'done', call });
    } catch (error) {
      this.#post({ is: 'failed', call, error: partsOf(error) });
    }
  }

  async #takeInConnections(): Promise<void> {
    for (;;) {
      const connection = await this.#transport.accept();
      if (!connection) return;
      this.#keep(connection, undefined);
    }
  }

  #keep(connection: Connection, call: number | undefined): void {
    const id = this.#next++;
    const info = connection.info();
    const hosted: Hosted = { id, connection, streams: new Set(), told: info };
    this.#connections.set(id, hosted);
    const { remote, dialled } = connection;
    this.#post({ is: 'connection', call, connection: { id, remote, dialled, info } });
    void connection.closed.then((reason) => {
      this.#connections.delete(id);
      for (const stream of hosted.streams) this.#streams.delete(stream);
      this.#post({ is: 'connectionClosed', connection: id, reason });
    });
    void this.#takeInStreams(hosted);
  }

  async #takeInStreams(hosted: Hosted): Promise<void> {
    for (;;) {
      const stream = await hosted.connection.acceptStream();
      if (!stream) return;
      this.#post({
        is: 'stream',
        call: undefined,
        connection: hosted.id,
        stream: this.#keepStream(stream, hosted),
      });
    }
  }

  #keepStream(stream: Stream, { streams }: Hosted): number {
    const id = this.#next++;
    const forget = () => {
      this.#streams.delete(id);
      streams.delete(id);
    };
    this.#streams.set(id, new StreamHost(id, stream, this.#post, forget));
    streams.add(id);
    return id;
  }

  #lookLater(): void {
    this.#cancelLook = this.#timers.after(lookEveryMs, () => {
      for (const hosted of this.#connections.values()) this.#look(hosted);
      this.#lookLater();
    });
  }

  #look(hosted: Hosted): void {
    const info = hosted.connection.info();
    if (isSame(info, hosted.told)) return;
    hosted.told = info;
    this.#post({ is: 'info', connection: hosted.id, info });
  }

  async #close(): Promise<void> {
    this.#cancelLook?.();
    await this.#transport[Symbol.asyncDispose]();
    this.#post({ is: 'closed' });
    this.#resolveClosed?.();
  }
}

interface Hosted {
  readonly id: number;
  readonly connection: Connection;
  readonly streams: Set<number>;
  told: ConnectionInfo;
}

function isSame(one: ConnectionInfo, other: ConnectionInfo): boolean {
  return one.path === other.path && one.remoteAddress === other.remoteAddress && one.rttMs === other.rttMs;
}
