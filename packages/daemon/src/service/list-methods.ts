import {
  create,
  fromBinary,
  type ListRequest,
  type ListResponse,
  ListResponseSchema,
  toBinary,
} from '@lattice/api';
import type { KvItem, KvListOptions, Node } from '@lattice/node';
import { ofOneMoment } from './one-moment.js';
import { inPages } from './pages.js';
import type { Methods, ServiceContext } from './service-context.js';
import { storeOf } from './targets.js';

export function listMethods(node: Node, context: ServiceContext): Methods<'list'> {
  return {
    /** A page a message, all of them of one moment. */
    async *list(request, { signal }) {
      const snapshot = storeOf(node, request.target).snapshot();
      yield* ofOneMoment(context, signal, {
        snapshot,
        pages: pagesOf(() => snapshot.kv().list(rangeOf(request))),
        encode: (page) => toBinary(ListResponseSchema, page),
        decode: (bytes) => fromBinary(ListResponseSchema, bytes),
      });
    },
  };
}

function rangeOf({ prefix, gte, lt, reverse, limit, keysOnly, markUnreadable }: ListRequest): KvListOptions {
  return {
    reverse,
    keysOnly,
    markUnreadable,
    ...(prefix.length === 0 ? {} : { prefix }),
    ...(gte === undefined ? {} : { gte }),
    ...(lt === undefined ? {} : { lt }),
    ...(limit === 0n ? {} : { limit: Number(limit) }),
  };
}

function* pagesOf(list: () => Iterable<KvItem>): Generator<ListResponse> {
  const bytesOf = ({ key, value }: KvItem) => key.length + value.length;
  for (const page of inPages(list(), bytesOf)) yield create(ListResponseSchema, { items: [...page] });
}
