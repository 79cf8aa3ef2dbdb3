import { durationText, type IdKey, idKey, type NodeId, type Timers } from '@lattice/model';
import { Allowance, sourceOf } from '@lattice/net';
import type { Connection, ConnectionInfo, Transport } from '@lattice/net-types';
import type { Conduct } from './conduct.js';

/** How many connections of nodes that are no members, as far as is known, may stand: in all, and from one place. */
const strangersMax = 32;
const strangersOfSourceMax = 8;
/** How often strangers are let in, in all and from one place: so many at once, and then one more every so often. */
const strangerRate = { burst: 128, everyMs: 500 };
const strangerRateOfSource = { burst: 32, everyMs: 5_000 };
/** Of how many places it is remembered. */
const sourcesMax = 1_024;

const tooMany = 'there are too many strangers: come again in a while';

export interface DoorOptions {
  readonly timers: Timers;
  readonly conduct: Conduct;
  readonly members: () => ReadonlyMap<IdKey, NodeId>;
  /** Who is in. */
  readonly guests: () => Iterable<readonly [IdKey, { readonly link: { info(): ConnectionInfo } }]>;
  readonly onGuest: (connection: Connection) => void;
}

/**
 * Says who is let in of those who dial. Members always find room; of strangers, whose keys cost nothing, there are few at a time,
 * and no more than a few from each place that they come from, who come again and again.
 */
export class Door {
  readonly #options: DoorOptions;
  readonly #rate: Allowance;
  /** Of places, those that were heard of last behind. */
  readonly #rates = new Map<string, Allowance>();

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#rate = new Allowance(options.timers, strangerRate);
  }

  /** Resolves when the transport is closed. */
  async keep(transport: Transport): Promise<void> {
    for (let next = await transport.accept(); next; next = await transport.accept()) {
      const refusal = this.#refusal(next);
      if (refusal === undefined) this.#options.onGuest(next);
      else next.close(refusal);
    }
  }

  /** Why somebody who dialled is not let in; `undefined` where it is. */
  #refusal(connection: Connection): string | undefined {
    const barredMs = this.#options.conduct.of(connection.remote)?.barredMs ?? 0;
    if (barredMs > 0)
      return `it broke the protocol a while ago: it is listened to again in ${durationText(barredMs)}`;
    const members = this.#options.members();
    if (members.has(idKey(connection.remote))) return undefined;
    const source = sourceOf(connection.info());
    const strangers = this.#strangers(members);
    const ofSource = strangers.filter((other) => other === source);
    if (strangers.length >= strangersMax || ofSource.length >= strangersOfSourceMax) return tooMany;
    return this.#rateOf(source).take() && this.#rate.take() ? undefined : tooMany;
  }

  /** Where the strangers come from who are in. */
  #strangers(members: ReadonlyMap<IdKey, NodeId>): readonly string[] {
    const strangers = [...this.#options.guests()].filter(([key]) => !members.has(key));
    return strangers.map(([, { link }]) => sourceOf(link.info()));
  }

  #rateOf(source: string): Allowance {
    const rate = this.#rates.get(source) ?? new Allowance(this.#options.timers, strangerRateOfSource);
    this.#rates.delete(source);
    const [longestAgo] = this.#rates.keys();
    if (longestAgo !== undefined && this.#rates.size >= sourcesMax) this.#rates.delete(longestAgo);
    this.#rates.set(source, rate);
    return rate;
  }
}
