import type { WriteOperation, WriteRequest } from '@lattice/api';
import type { Kv, KvWrite, Node } from '@lattice/node';
import { conditionOf, headNamed } from './heads-named.js';
import { pipelined } from './pipelined.js';
import type { Methods } from './service-context.js';
import { storeOf } from './targets.js';

/**
 * Batches that are on their way to the disk at a time. One would leave the store idle while the next one travels; more
 * than a few share a commit anyway. The sender is slowed down by the next not being read.
 */
const batchesInFlightMax = 8;

export function writeMethods(node: Node): Methods<'write'> {
  return {
    async *write(requests) {
      let kv: Kv | undefined;
      const apply = async ({ target, operations }: WriteRequest) => {
        kv ??= storeOf(node, target).kv();
        const [first] = await kv.batch(operations.map(toKvWrite));
        return { count: operations.length, first };
      };
      let batches = 0n;
      let written = 0n;
      for await (const { count, first } of pipelined(requests, batchesInFlightMax, apply)) {
        batches += 1n;
        written += BigInt(count);
        yield { batches, operations: written, ...(first && { first: headNamed(first) }) };
      }
    },
  };
}

function toKvWrite({ key, value, ifHeads }: WriteOperation): KvWrite {
  const condition = conditionOf(ifHeads);
  return value === undefined
    ? { ...condition, kind: 'delete', key }
    : { ...condition, kind: 'put', key, value };
}
