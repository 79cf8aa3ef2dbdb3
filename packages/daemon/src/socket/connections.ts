import type { Socket } from 'node:net';
import type { Cancel, Timers } from '@lattice/model';

const connectionsMax = 256;
/** How long a connection may take to begin speaking HTTP/2, or an HTTP/1.1 request. */
const greetingWithinMs = 10_000;

/**
 * The open connections. One that says nothing, or only the half of something, is cut in time; and when there are too many,
 * the one that has gone longest without a call makes room, so that whoever leaves connections lying about keeps nobody out.
 */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  /** Those without a call, in the order in which they became so. */
  readonly #idle = new Set<Socket>();

  constructor(private readonly timers: Timers) {}

  /** `undefined` for one too many, which is cut. */
  admit(socket: Socket): Connection | undefined {
    if (this.#open.size >= connectionsMax) this.#cutLongestIdle();
    if (this.#open.size >= connectionsMax) {
      socket.destroy();
      return undefined;
    }
    const connection = new Connection(socket, this.timers, this.#idle);
    this.#open.set(socket, connection);
    socket.once('close', () => this.#forget(socket));
    return connection;
  }

  of(socket: Socket): Connection | undefined {
    return this.#open.get(socket);
  }

  cutAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #cutLongestIdle(): void {
    const [longest] = this.#idle;
    if (longest === undefined) return;
    longest.destroy();
    this.#forget(longest);
  }

  #forget(socket: Socket): void {
    this.#open.get(socket)?.end();
    this.#open.delete(socket);
  }
}

export class Connection {
  #calls = 0;
  #mayIdle = false;
  #hasEnded = false;
  #cancel: Cancel = () => undefined;

  constructor(
    private readonly socket: Socket,
    private readonly timers: Timers,
    private readonly idle: Set<Socket>,
  ) {
    this.#rest();
  }

  /** From now on silence is fine: HTTP/2 clients keep their session for the next call. */
  allowSilence(): void {
    this.#mayIdle = true;
    this.#cancel();
  }

  /** A call is under way until its stream or response closes. */
  addCall(call: { once(event: 'close', listener: () => void): unknown }): void {
    this.#calls++;
    this.#cancel();
    this.idle.delete(this.socket);
    call.once('close', () => {
      this.#calls--;
      if (this.#calls === 0 && !this.#hasEnded) this.#rest();
    });
  }

  end(): void {
    this.#hasEnded = true;
    this.#cancel();
    this.idle.delete(this.socket);
  }

  #rest(): void {
    this.idle.add(this.socket);
    if (!this.#mayIdle) this.#cancel = this.timers.after(greetingWithinMs, () => this.socket.destroy());
  }
}
