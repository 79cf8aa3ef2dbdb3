import { fromUtf8, LatticeError, type NodeId, utf8 } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';
import type { OrderedKv, Table } from '@lattice/storage';

/** How many addresses of one peer are remembered, the latest first. */
const directMax = 16;

export interface BookEntry extends PeerAddress {
  /** When a connection to it last stood: Unix milliseconds. */
  readonly lastSeenMs?: number;
}

/** Where peers were last known to be. A hint: losing it costs a token, or a peer that calls first. */
export class AddressBook {
  readonly #kv: OrderedKv;
  readonly #table: Table;

  constructor(kv: OrderedKv) {
    this.#kv = kv;
    this.#table = kv.table('addresses');
  }

  get(nodeId: NodeId): BookEntry | undefined {
    const bytes = this.#table.get(nodeId);
    const text = bytes && fromUtf8(bytes);
    return text === undefined ? undefined : parseEntry(nodeId, text);
  }

  /** Puts what is new in front of what was known. Whether there was anything new. */
  learn({ nodeId, direct, relay }: PeerAddress): boolean {
    const known = this.get(nodeId);
    const merged = [...new Set([...direct, ...(known?.direct ?? [])])].slice(0, directMax);
    const entry = { ...known, nodeId, direct: merged, ...(relay ? { relay } : {}) };
    const isNew =
      direct.some((address) => !known?.direct.includes(address)) || (relay ?? known?.relay) !== known?.relay;
    if (isNew) this.#put(entry);
    return isNew;
  }

  seen(nodeId: NodeId, nowMs: number): void {
    this.#put({ ...(this.get(nodeId) ?? { nodeId, direct: [] }), lastSeenMs: nowMs });
  }

  /** What the disk has no room for is not remembered. */
  #put({ nodeId, ...rest }: BookEntry): void {
    try {
      this.#kv.transaction(() => this.#table.put(nodeId, utf8(JSON.stringify(rest))));
    } catch (error) {
      if (!(error instanceof LatticeError)) throw error;
    }
  }
}

/** `undefined` for what cannot be read: it is only a hint. */
function parseEntry(nodeId: NodeId, text: string): BookEntry | undefined {
  try {
    const { direct, relay, lastSeenMs } = JSON.parse(text) as Partial<BookEntry>;
    if (!Array.isArray(direct)) return undefined;
    return {
      nodeId,
      direct: direct.filter((address) => typeof address === 'string'),
      ...(typeof relay === 'string' ? { relay } : {}),
      ...(typeof lastSeenMs === 'number' ? { lastSeenMs } : {}),
    };
  } catch {
    return undefined;
  }
}

export function withoutLastSeen({ nodeId, direct, relay }: BookEntry): PeerAddress {
  return relay ? { nodeId, direct, relay } : { nodeId, direct };
}
