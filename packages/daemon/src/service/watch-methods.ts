import type { KeyChangeSchema, MessageInitShape } from '@lattice/api';
import { LatticeError, toHex } from '@lattice/model';
import type { KvChange, Node } from '@lattice/node';
import type { Methods, ServiceContext } from './service-context.js';
import { storeOf } from './targets.js';

export function watchMethods(node: Node, { closing }: ServiceContext): Methods<'watch'> {
  return {
    /** The next changes are looked for when the reader has taken those before: nothing is queued for one that is slow. */
    async *watch({ target, prefix, since }, { signal }) {
      const kv = storeOf(node, target).kv();
      const ended = new AbortController();
      const end = () => ended.abort();
      for (const reason of [signal, closing]) {
        if (reason.aborted) end();
        reason.addEventListener('abort', end, { once: true });
      }
      try {
        const options = { prefix, signal: ended.signal, ...(since === undefined ? {} : { since }) };
        for await (const { changes, cursor, reset } of kv.watch(options))
          yield { changes: changes.map(changeMessage), cursor, reset };
      } finally {
        for (const reason of [signal, closing]) reason.removeEventListener('abort', end);
      }
      if (closing.aborted && !signal.aborted) throw closed();
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

/** Who watches would take a stream that just ends for one that ended well. */
function closed(): LatticeError {
  return new LatticeError(
    'daemon-gone',
    'The process that runs this node was closed: start it again, and go on from the last cursor.',
  );
}
