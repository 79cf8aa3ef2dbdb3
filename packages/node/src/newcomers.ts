import { type IdKey, idKey } from '@lattice/model';
import type { Connection, Stream } from '@lattice/net-types';
import type { NodeContext } from './context.js';
import { fateOf, type Standing } from './standing-link.js';

/** Whoever means a connection speaks on it at once. */
const silenceMaxMs = 10_000;

/**
 * Connections that peers made while one with them stands, each until its peer has said something on it: then it is meant to take
 * the other's place. A dial that was given up may still come through, half a minute later; whoever made it closes it then.
 */
export class Newcomers {
  readonly #context: NodeContext;
  readonly #onMeant: (connection: Connection) => void;
  /** One of each peer: the last. */
  readonly #silent = new Map<IdKey, Connection>();
  readonly #meant = new WeakSet<Connection>();

  constructor(context: NodeContext, onMeant: (connection: Connection) => void) {
    this.#context = context;
    this.#onMeant = onMeant;
  }

  /** Whether the connection is to take the place of the one that stands. If not now, it may be heard of again. */
  isToReplace(standing: Standing, connection: Connection): boolean {
    if (this.#meant.has(connection)) return true;
    const fate = fateOf(standing, connection, this.#context);
    if (fate === 'closed') connection.close('another connection stands');
    if (fate === 'kept once the peer speaks on it') this.#add(connection);
    return fate === 'kept';
  }

  #add(connection: Connection): void {
    const key = idKey(connection.remote);
    this.#silent.get(key)?.close('there is another one');
    this.#silent.set(key, connection);
    void this.#listen(key, connection);
  }

  async #listen(key: IdKey, connection: Connection): Promise<void> {
    const cancel = this.#context.timers.after(silenceMaxMs, () => connection.close('nothing was said on it'));
    const first = await connection.acceptStream();
    cancel();
    if (this.#silent.get(key) === connection) this.#silent.delete(key);
    if (!first) return;
    const meant = withFirst(first, connection);
    this.#meant.add(meant);
    this.#onMeant(meant);
  }
}

/** The same, with a stream again that was taken from it. */
function withFirst(first: Stream, connection: Connection): Connection {
  const taken = [first];
  return {
    remote: connection.remote,
    dialled: connection.dialled,
    closed: connection.closed,
    info: () => connection.info(),
    openStream: () => connection.openStream(),
    acceptStream: () => {
      const stream = taken.pop();
      return stream ? Promise.resolve(stream) : connection.acceptStream();
    },
    close: (reason) => connection.close(reason),
  };
}
