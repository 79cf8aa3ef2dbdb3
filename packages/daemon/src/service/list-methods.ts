import type { ItemSchema, ListRequest, MessageInitShape } from '@lattice/api';
import type { Kv, KvListOptions, Node } from '@lattice/node';
import type { Methods } from './service-context.js';
import { storeOf } from './targets.js';

const pageItemsMax = 1_000;
/** A page ends with the item that passes this. */
const pageBytes = 256 * 1024;
const noValue = new Uint8Array();

export function listMethods(node: Node): Methods<'list'> {
  return {
    /**
     * A page a message. An open read transaction keeps LMDB from reusing any page freed since it began, and a reader may
     * stop reading at any time, so each page is a short read of its own that begins where the last one ended.
     */
    async *list(request, { signal }) {
      const kv = storeOf(node, request.target).kv();
      const limit = request.limit === 0n ? Infinity : Number(request.limit);
      let sent = 0;
      let range = firstRange(request);
      for (;;) {
        signal.throwIfAborted();
        const page = readPage(
          kv,
          { ...range, limit: Math.min(pageItemsMax, limit - sent) },
          request.keysOnly,
        );
        if (page.lastKey === undefined) return;
        yield { items: page.items };
        sent += page.items.length;
        if (page.ended || sent >= limit) return;
        range = rangeAfter(range, page.lastKey);
      }
    },
  };
}

function firstRange({ prefix, gte, lt, reverse }: ListRequest): KvListOptions {
  return {
    reverse,
    ...(prefix.length === 0 ? {} : { prefix }),
    ...(gte === undefined ? {} : { gte }),
    ...(lt === undefined ? {} : { lt }),
  };
}

/** The same range without what lies up to `key`, in the direction of reading. */
function rangeAfter(range: KvListOptions, key: Uint8Array): KvListOptions {
  if (range.reverse) return { ...range, lt: key };
  const successor = new Uint8Array(key.length + 1);
  successor.set(key);
  return { ...range, gte: successor };
}

interface Page {
  readonly items: MessageInitShape<typeof ItemSchema>[];
  /** Absent where there are no items. */
  readonly lastKey?: Uint8Array;
  /** Whether the range was read to its end. */
  readonly ended: boolean;
}

function readPage(kv: Kv, range: KvListOptions & { readonly limit: number }, keysOnly: boolean): Page {
  const items: Page['items'] = [];
  let bytes = 0;
  let lastKey: Uint8Array | undefined;
  for (const { key, value, conflicted } of kv.list(range)) {
    items.push({ key, value: keysOnly ? noValue : value, conflicted });
    bytes += key.length + (keysOnly ? 0 : value.length);
    lastKey = key;
    if (bytes >= pageBytes) return { items, lastKey, ended: false };
  }
  const ended = items.length < range.limit;
  return lastKey === undefined ? { items, ended } : { items, lastKey, ended };
}
