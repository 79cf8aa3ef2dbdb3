import {
  create,
  fromBinary,
  type LogBound as BoundMessage,
  type LogItemSchema,
  type LogRangeResponse,
  LogRangeResponseSchema,
  type MessageInitShape,
  toBinary,
} from '@lattice/api';
import { toHex } from '@lattice/model';
import type { LogAddition, LogBound, LogItem, LogRangeOptions, Node } from '@lattice/node';
import { ofOneMoment } from './one-moment.js';
import { inPages } from './pages.js';
import type { Methods, ServiceContext } from './service-context.js';
import { storeOf } from './targets.js';
import { untilEnded } from './until-ended.js';

export function logMethods(
  node: Node,
  context: ServiceContext,
): Methods<'logAppend' | 'logRange' | 'logFollow'> {
  return {
    logAppend: async ({ target, values }) => ({
      positions: [...(await storeOf(node, target).log().appendBatch(values))],
    }),

    /** A page a message, all of them of one moment. */
    async *logRange({ target, from, to, reverse, limit }, { signal }) {
      const snapshot = storeOf(node, target).snapshot();
      const range: LogRangeOptions = {
        reverse,
        ...optional('from', from),
        ...optional('to', to),
        ...(limit === 0n ? {} : { limit: Number(limit) }),
      };
      yield* ofOneMoment(context, signal, {
        snapshot,
        pages: pagesOf(() => snapshot.log().range(range)),
        encode: (page) => toBinary(LogRangeResponseSchema, page),
        decode: (bytes) => fromBinary(LogRangeResponseSchema, bytes),
      });
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

function* pagesOf(range: () => Iterable<LogItem>): Generator<LogRangeResponse> {
  for (const page of inPages(range(), ({ value }) => value.length))
    yield create(LogRangeResponseSchema, { items: page.map(itemMessage) });
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
