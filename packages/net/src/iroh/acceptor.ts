import type { Logger } from '@lattice/model';
import type { NativeConnection, NativeEndpoint, NativeIncoming } from './binding.js';
import { causeOf } from './causes.js';

/** Handshakes that others have begun and not finished. */
const handshakesMax = 64;

export interface AcceptorPorts {
  readonly logger: Logger;
  /** Whether there is room for one more connection. */
  hasRoom(): boolean;
  takeIn(connection: NativeConnection): void;
}

/**
 * Takes in what others dial, several handshakes at a time, so that a slow one holds up nobody. Strangers get this far:
 * what exceeds a bound is refused with a packet, before anything is kept for it.
 */
export class Acceptor {
  readonly #endpoint: NativeEndpoint;
  readonly #ports: AcceptorPorts;
  /** Also keeps them from the garbage collector. */
  readonly #handshakes = new Set<NativeIncoming>();

  constructor(endpoint: NativeEndpoint, ports: AcceptorPorts) {
    this.#endpoint = endpoint;
    this.#ports = ports;
  }

  /** Resolves when the endpoint has closed. */
  async run(): Promise<void> {
    for (;;) {
      const incoming = await this.#endpoint.acceptNext();
      if (incoming === null) return;
      void this.#admit(incoming);
    }
  }

  async #admit(incoming: NativeIncoming): Promise<void> {
    try {
      if (this.#handshakes.size >= handshakesMax || !this.#ports.hasRoom()) {
        this.#ports.logger.log('warn', 'an incoming connection was refused: there are too many');
        await incoming.refuse();
        return;
      }
      this.#handshakes.add(incoming);
      const accepting = await incoming.accept();
      this.#ports.takeIn(await accepting.connect());
    } catch (error) {
      this.#ports.logger.log('debug', 'an incoming connection failed', { cause: causeOf(error) });
    } finally {
      this.#handshakes.delete(incoming);
    }
  }
}
