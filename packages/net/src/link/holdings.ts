import { parseStoreId } from '@lattice/model';
import { MalformedError, newMessage, wire } from '@lattice/proto';
import type { StoreHolding } from './link-host.js';

/** How many stores one message speaks of; the rest follows in the next. */
export const holdingsMax = 256;

const idBytes = 32;

export function toWireHoldings(holdings: readonly StoreHolding[]): wire.Holdings {
  const stores = holdings.map(({ store, digest, entries }) => ({ store, digest, entries: BigInt(entries) }));
  return newMessage(wire.HoldingsSchema, { stores });
}

/** Throws `MalformedError`. */
export function fromWireHoldings({ stores }: wire.Holdings): readonly StoreHolding[] {
  if (stores.length > holdingsMax) throw new MalformedError(`holdings of over ${holdingsMax} stores`);
  return stores.map(fromWireHolding);
}

function fromWireHolding({ store, digest, entries }: wire.Holding): StoreHolding {
  if (store.length !== idBytes || digest.length !== idBytes)
    throw new MalformedError('a store id or a digest has the wrong length');
  if (entries > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedError('more entries than there can be');
  return { store: parseStoreId(store), digest, entries: Number(entries) };
}
