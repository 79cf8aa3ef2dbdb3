import {
  Breaker,
  dialAborted,
  dialFailed,
  dialGivenUp,
  transportClosed,
  untilAborted,
} from '@lattice/net-types';
import type { NativeConnection } from './binding.js';
import { closeConnection } from './binding.js';
import { causeOf } from './causes.js';

/**
 * How many dials may be unfinished natively, given up ones included: those go on for up to 30 s, since the binding
 * cannot cancel them.
 */
const dialsUnfinishedMax = 128;

/**
 * How often a dial is made while other keys answer it. The binding tries all addresses that it ever heard for a node at
 * once, and takes the first answer: one address that belongs to somebody else by now fails a dial that others would win.
 */
const attemptsMax = 5;

/** Makes dials abortable: the caller is free at once, and what the binding still brings is closed. */
export class Dials {
  readonly #closing = new Breaker();
  #unfinished = 0;

  /** Rejects with `dial-failed`, `aborted`, or `transport-closed`. `peer` is the name to complain with. */
  async run(
    peer: string,
    signal: AbortSignal,
    dial: () => Promise<NativeConnection>,
  ): Promise<NativeConnection> {
    if (signal.aborted) throw dialAborted();
    if (this.#closing.error !== undefined) throw this.#closing.error;
    if (this.#unfinished >= dialsUnfinishedMax) throw dialFailed(peer, 'too many dials are still unfinished');
    const isWanted = () => !signal.aborted && this.#closing.error === undefined;
    return untilAborted(this.#attempt(peer, dial, isWanted), signal, closeLate, this.#closing);
  }

  close(): void {
    this.#closing.break(transportClosed());
  }

  async #attempt(
    peer: string,
    dial: () => Promise<NativeConnection>,
    isWanted: () => boolean,
  ): Promise<NativeConnection> {
    this.#unfinished++;
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await dial();
        } catch (error) {
          const cause = causeOf(error);
          const isAnotherKey = cause.includes('invalid peer certificate');
          if (isAnotherKey && attempt < attemptsMax && isWanted()) continue;
          throw dialFailed(peer, isAnotherKey ? 'another node answered at its address' : cause);
        }
      }
    } finally {
      this.#unfinished--;
    }
  }
}

function closeLate(connection: NativeConnection): void {
  closeConnection(connection, dialGivenUp);
}
