import { toHex } from '@lattice/model';
import type { Node } from '@lattice/node';
import { conditionOf, headNamed } from './heads-named.js';
import type { Methods } from './service-context.js';
import { storeOf } from './targets.js';

/** Single keys. */
export function kvMethods(node: Node): Methods<'put' | 'get' | 'heads' | 'delete'> {
  return {
    put: async ({ target, key, value, ifHeads }) => {
      const head = await storeOf(node, target).kv().put(key, value, conditionOf(ifHeads));
      return { head: headNamed(head) };
    },

    get: ({ target, key }) => {
      const kv = storeOf(node, target).kv();
      const item = kv.get(key);
      // The other heads' values come from the log: looked at only where there may be some.
      const mayConflict = item === undefined || item.conflicted;
      const otherHeads = mayConflict ? Math.max(0, kv.heads(key).length - 1) : 0;
      return { otherHeads, ...(item === undefined ? {} : { value: item.value }) };
    },

    async *heads({ target, key }) {
      for (const { value, author, time, entry, op } of storeOf(node, target).kv().heads(key)) {
        yield {
          author: toHex(author),
          time,
          entry: toHex(entry),
          op,
          ...(value === undefined ? {} : { value }),
        };
      }
    },

    // Deleting what is not there would only make history longer, on every node and for good. Under a condition it is
    // up to whoever makes it, since whether that holds is known when the delete is part of an entry.
    delete: async ({ target, key, ifHeads }) => {
      const kv = storeOf(node, target).kv();
      const existed = kv.heads(key).some(({ value }) => value !== undefined);
      if (!existed && ifHeads === undefined) return { existed };
      const head = await kv.delete(key, conditionOf(ifHeads));
      return { existed, head: headNamed(head) };
    },
  };
}
