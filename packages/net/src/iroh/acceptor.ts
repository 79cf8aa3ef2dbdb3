import type { Logger } from '@lattice/model';
import type { NativeConnection, NativeEndpoint, NativeIncoming } from './binding.js';
import { sourceOf } from '../source.js';
import { causeOf } from './causes.js';

/** Handshakes that others have begun and not finished: in all, and from one place, lest one who never ends his keeps others out. */
const handshakesMax = 64;
const handshakesOfSourceMax = 16;

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
  readonly #endpoint: Pick<NativeEndpoint, 'acceptNext'>;
  readonly #ports: AcceptorPorts;
  /** By where they come from, once that is known. Also keeps them from the garbage collector. */
  readonly #handshakes = new Map<NativeIncoming, string>();

  constructor(endpoint: Pick<NativeEndpoint, 'acceptNext'>, ports: AcceptorPorts) {
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
      if (this.#handshakes.size >= handshakesMax || !this.#ports.hasRoom())
        return await this.#refuse(incoming);
      this.#handshakes.set(incoming, '');
      const source = await placeOf(incoming);
      const ofSource = [...this.#handshakes.values()].filter((other) => other === source);
      if (ofSource.length >= handshakesOfSourceMax) return await this.#refuse(incoming);
      this.#handshakes.set(incoming, source);
      const accepting = await incoming.accept();
      this.#ports.takeIn(await accepting.connect());
    } catch (error) {
      this.#ports.logger.log('debug', 'an incoming connection failed', { cause: causeOf(error) });
    } finally {
      this.#handshakes.delete(incoming);
    }
  }

  async #refuse(incoming: NativeIncoming): Promise<void> {
    this.#ports.logger.log('warn', 'an incoming connection was refused: there are too many');
    await incoming.refuse();
  }
}

async function placeOf(incoming: NativeIncoming): Promise<string> {
  const { kind, addr } = await incoming.remoteAddr();
  return sourceOf({
    path: kind === 'relay' ? 'relay' : 'direct',
    ...(addr === undefined ? {} : { remoteAddress: addr }),
  });
}
