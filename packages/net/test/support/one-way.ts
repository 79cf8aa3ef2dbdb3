import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Sends on what comes to its address, and keeps what is answered: nobody who dials through it ends the handshake. */
export class OneWay implements AsyncDisposable {
  readonly #in: Socket;
  readonly #out: Socket;
  /** Resolves when the other side has asked for proof that an address is somebody's own. */
  readonly askedForProof: Promise<void>;

  static async to(port: number): Promise<OneWay> {
    const [from, to] = [createSocket('udp4'), createSocket('udp4')];
    for (const socket of [from, to]) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    from.on('message', (packet) => to.send(packet, port, '127.0.0.1'));
    return new OneWay(from, to);
  }

  private constructor(from: Socket, to: Socket) {
    this.#in = from;
    this.#out = to;
    this.askedForProof = new Promise((resolve) => {
      to.on('message', (packet) => {
        if (isRetry(packet)) resolve();
      });
    });
  }

  get address(): string {
    return `127.0.0.1:${this.#in.address().port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.#in, this.#out])
      await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}

/** RFC 9000, 17.2.5: a long header of type 3. */
function isRetry([first = 0]: Uint8Array): boolean {
  return (first & 0b1111_0000) === 0b1111_0000;
}
