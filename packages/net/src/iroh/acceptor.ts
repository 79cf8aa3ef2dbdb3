import type { Logger, Timers } from '@lattice/model';
import { Allowance } from '../link/allowance.js';
import { sourceOf } from '../source.js';
import type { NativeConnection, NativeEndpoint, NativeIncoming } from './binding.js';
import { closeConnection } from './binding.js';
import { causeOf } from './causes.js';
import { HandshakePlaces } from './handshake-places.js';
import type { Way } from './iroh-connection.js';
import { asked } from './native-calls.js';

/** How often it is told that somebody was refused: whoever is, may come thousands of times. */
const toldOfRefusals = { burst: 5, everyMs: 60_000 };

export interface AcceptorPorts {
  readonly logger: Logger;
  readonly timers: Timers;
  /** Whether there is room for one more connection. */
  hasRoom(): boolean;
  takeIn(connection: NativeConnection, cameBy: Way): void;
}

/**
 * Takes in what others dial, several handshakes at a time, so that a slow one holds up nobody. Strangers get this far:
 * what exceeds a bound is refused with a packet, before anything is kept for it.
 */
export class Acceptor {
  readonly #endpoint: Pick<NativeEndpoint, 'acceptNext'>;
  readonly #ports: AcceptorPorts;
  readonly #places: HandshakePlaces;
  readonly #toldOfRefusals: Allowance;
  /** Keeps them from the garbage collector. */
  readonly #handshakes = new Set<NativeIncoming>();

  constructor(endpoint: Pick<NativeEndpoint, 'acceptNext'>, ports: AcceptorPorts) {
    this.#endpoint = endpoint;
    this.#ports = ports;
    this.#places = new HandshakePlaces(ports.timers);
    this.#toldOfRefusals = new Allowance(ports.timers, toldOfRefusals);
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
    this.#handshakes.add(incoming);
    try {
      const [cameBy, isProven] = await Promise.all([wayOf(incoming), asked(incoming.remoteAddrValidated())]);
      const place = this.#ports.hasRoom() ? this.#places.take(placeOf(cameBy), isProven) : 'refuse';
      if (place === 'refuse') return await this.#refuse(incoming);
      if (place === 'prove') return await asked(incoming.retry());
      using handshake = place;
      const accepting = await asked(incoming.accept());
      const connection = await asked(accepting.connect());
      if (handshake.isOverdue) closeConnection(connection, 'the handshake took too long');
      else this.#ports.takeIn(connection, cameBy);
    } catch (error) {
      this.#ports.logger.log('debug', 'an incoming connection failed', { cause: causeOf(error) });
    } finally {
      this.#handshakes.delete(incoming);
    }
  }

  async #refuse(incoming: NativeIncoming): Promise<void> {
    const level = this.#toldOfRefusals.take() ? 'warn' : 'debug';
    this.#ports.logger.log(level, 'an incoming connection was refused: there are too many');
    await asked(incoming.refuse());
  }
}

async function wayOf(incoming: NativeIncoming): Promise<Way> {
  const { kind, addr } = await asked(incoming.remoteAddr());
  return { isRelay: kind === 'relay', remoteAddress: addr };
}

function placeOf({ isRelay, remoteAddress }: Way): string {
  return sourceOf({
    path: isRelay ? 'relay' : 'direct',
    ...(remoteAddress !== undefined && { remoteAddress }),
  });
}
