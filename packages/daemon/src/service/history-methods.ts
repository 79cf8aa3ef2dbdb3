import type {
  HistoryEntrySchema,
  HistoryOperationSchema,
  MessageInitShape,
  StoreAuthorsResponseSchema,
} from '@lattice/api';
import { toHex } from '@lattice/model';
import type { AuthorHistory, HistoryEntry, HistoryOperation, Node, Store } from '@lattice/node';
import { EventLoopShare } from './event-loop-share.js';
import type { Methods } from './service-context.js';
import { storeOf } from './targets.js';

const pageEntriesMax = 1_000;
/** A page ends with the entry that passes this. */
const pageBytes = 256 * 1024;

export function historyMethods(node: Node): Methods<'history' | 'storeAuthors'> {
  return {
    /** Reads ahead of the reader by a page at most, and lets others have their turn while it fills one. */
    async *history({ target, key, limit }, { signal }) {
      const entries = storeOf(node, target).history({
        ...(key === undefined ? {} : { key }),
        ...(limit === 0n ? {} : { limit: Number(limit) }),
      });
      const share = new EventLoopShare();
      let page: MessageInitShape<typeof HistoryEntrySchema>[] = [];
      let bytes = 0;
      for (const entry of entries) {
        const message = entryMessage(entry);
        page.push(message);
        bytes += sizeOf(entry);
        if (page.length >= pageEntriesMax || bytes >= pageBytes) {
          yield { entries: page };
          [page, bytes] = [[], 0];
        }
        await share.rest();
        signal.throwIfAborted();
      }
      if (page.length > 0) yield { entries: page };
    },

    async *storeAuthors({ target, withSeen }, { signal }) {
      const store = storeOf(node, target);
      const names = namesIn(store);
      const share = new EventLoopShare();
      for (const author of store.authors()) {
        const seen: AuthorMessage['seen'] = [];
        for (const { author: other, seq, of } of withSeen ? author.seen() : []) {
          seen.push({ author: toHex(other), seq: BigInt(seq), of: BigInt(of) });
          await share.rest();
          signal.throwIfAborted();
        }
        yield { ...authorMessage(author, names), seen };
        await share.rest();
        signal.throwIfAborted();
      }
    },
  };
}

type AuthorMessage = Exclude<MessageInitShape<typeof StoreAuthorsResponseSchema>, { $typeName: string }>;

function authorMessage({ author, chains }: AuthorHistory, names: ReadonlyMap<string, string>): AuthorMessage {
  return {
    author: toHex(author),
    name: names.get(toHex(author)) ?? '',
    chains: chains.map(({ seq, entry, time }) => ({ seq: BigInt(seq), entry: toHex(entry), time })),
  };
}

function namesIn({ mesh }: Store): ReadonlyMap<string, string> {
  return new Map(mesh.peers().map(({ nodeId, name }) => [toHex(nodeId), name]));
}

function entryMessage(entry: HistoryEntry): MessageInitShape<typeof HistoryEntrySchema> {
  const { author, seq, time, deps, head, counts, replaced, instead, forked, operations, operationCount } =
    entry;
  return {
    entry: toHex(entry.entry),
    author: toHex(author),
    seq: BigInt(seq),
    time,
    operations: operations.map(operationMessage),
    operationCount,
    deps: deps.map(toHex),
    head,
    counts,
    replaced,
    ...(instead && { instead: toHex(instead) }),
    forked,
  };
}

function operationMessage({
  op,
  key,
  value,
  valueBytes,
}: HistoryOperation): MessageInitShape<typeof HistoryOperationSchema> {
  return {
    op,
    valueBytes: BigInt(valueBytes),
    ...(key === undefined ? {} : { key }),
    ...(value === undefined ? {} : { value }),
  };
}

/** About; what is the same for all entries is left out. */
function sizeOf({ operations, deps }: HistoryEntry): number {
  return operations.reduce(
    (sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0),
    200 + 66 * deps.length,
  );
}
