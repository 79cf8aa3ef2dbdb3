import type { LogBound as BoundMessage, LogItemSchema, MessageInitShape } from '@lattice/api';
import { toHex } from '@lattice/model';
import type { Log, LogAddition, LogBound, LogItem, LogRangeOptions, Node } from '@lattice/node';
import type { Methods, ServiceContext } from './service-context.js';
import { storeOf } from './targets.js';
import { untilEnded } from './until-ended.js';

const pageItemsMax = 1_000;
/** A page ends with the item that passes this. */
const pageBytes = 256 * 1024;

export function logMethods(
  node: Node,
  context: ServiceContext,
): Methods<'logAppend' | 'logRange' | 'logFollow'> {
  return {
    logAppend: async ({ target, values }) => ({
      positions: [...(await storeOf(node, target).log().appendBatch(values))],
    }),

    /** A page a message, each a short read of its own that begins where the last one ended: a reader may stop at any time. */
    async *logRange({ target, from, to, reverse, limit }, { signal }) {
      const log = storeOf(node, target).log();
      let left = limit === 0n ? Infinity : Number(limit);
      let range: LogRangeOptions = { reverse, ...optional('from', from), ...optional('to', to) };
      while (left > 0) {
        signal.throwIfAborted();
        const { items, isLast } = readPage(log, { ...range, limit: Math.min(pageItemsMax, left) });
        const last = items.at(-1);
        if (!last) return;
        yield { items: items.map(itemMessage) };
        if (isLast) return;
        left -= items.length;
        range = reverse ? { ...range, to: last.position } : { ...range, from: behind(last.position) };
      }
    },

    /** The next items are looked for when the reader has taken those before: nothing is queued for one that is slow. */
    async *logFollow({ target, since, last }, { signal }) {
      const log = storeOf(node, target).log();
      const begin = since === undefined ? { last: Number(last) } : { since };
      const told = untilEnded(context, signal, (ended) => log.follow({ ...begin, signal: ended }));
      for await (const { items, cursor, reset } of told)
        yield { items: items.map(itemMessage), cursor, reset };
    },
  };
}

function optional<Name extends string>(
  name: Name,
  message: BoundMessage | undefined,
): { [name in Name]?: LogBound } {
  const bound = message?.bound;
  if (bound?.value === undefined) return {};
  return { [name]: bound.case === 'ms' ? Number(bound.value) : bound.value } as { [name in Name]: LogBound };
}

/** The first position behind that one: they all have the same length, so it is the next number. */
function behind(position: Uint8Array): Uint8Array {
  const next = position.slice();
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = ((next[i] as number) + 1) & 0xff;
    if (next[i] !== 0) break;
  }
  return next;
}

function readPage(
  log: Log,
  range: LogRangeOptions & { readonly limit: number },
): { readonly items: readonly LogItem[]; readonly isLast: boolean } {
  const items: LogItem[] = [];
  let bytes = 0;
  for (const item of log.range(range)) {
    items.push(item);
    bytes += item.value.length;
    if (bytes >= pageBytes) return { items, isLast: false };
  }
  return { items, isLast: items.length < range.limit };
}

function itemMessage({
  position,
  value,
  author,
  time,
  late = false,
}: LogItem & Partial<LogAddition>): MessageInitShape<typeof LogItemSchema> {
  return { position, value, author: toHex(author), time, late };
}
