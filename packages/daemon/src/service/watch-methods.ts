import type { KeyChangeSchema, MessageInitShape } from '@lattice/api';
import { toHex } from '@lattice/model';
import type { KvChange, Node } from '@lattice/node';
import type { Methods, ServiceContext } from './service-context.js';
import { storeOf } from './targets.js';
import { untilEnded } from './until-ended.js';

export function watchMethods(node: Node, context: ServiceContext): Methods<'watch'> {
  return {
    /** The next changes are looked for when the reader has taken those before: nothing is queued for one that is slow. */
    async *watch({ target, prefix, since }, { signal }) {
      const kv = storeOf(node, target).kv();
      const changes = untilEnded(context, signal, (ended) =>
        kv.watch({ prefix, signal: ended, ...(since === undefined ? {} : { since }) }),
      );
      for await (const { changes: items, cursor, reset } of changes)
        yield { changes: items.map(changeMessage), cursor, reset };
    },
  };
}

function changeMessage({
  key,
  value,
  conflicted,
  author,
  time,
}: KvChange): MessageInitShape<typeof KeyChangeSchema> {
  return { key, conflicted, author: toHex(author), time, ...(value === undefined ? {} : { value }) };
}
