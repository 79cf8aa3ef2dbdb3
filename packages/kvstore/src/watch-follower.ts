import { assert, type LocalRef } from '@lattice/model';
import { decodePayload, MalformedError } from '@lattice/proto';
import type { KvBackend } from './kv-handle.js';
import { kvMachine } from './machine.js';
import { decodeKvOps, type KvOp } from './operations.js';
import type { Following } from './watch-cursor.js';
import type { WatchPage } from './watch-page.js';

/** Goes through the operations that were applied, in order, and tells the keys that they wrote. */
export class Follower {
  readonly #backend: KvBackend;
  /** The entry of which a page had room for a part only. */
  #open: { readonly ref: LocalRef; readonly operations: readonly KvOp[] } | undefined;

  constructor(backend: KvBackend) {
    this.#backend = backend;
  }

  /** Tells on from there until the page is full or there is no more; returns how far it came. */
  followOn(from: Following, page: WatchPage): Following {
    const { applied } = this.#backend;
    const { nextRef: end } = applied.end();
    let { ref, op } = from;
    while (ref < end && !page.isFull) {
      const operations = this.#operationsAt(ref);
      for (; op < operations.length && !page.isFull; op++) {
        const operation = operations[op];
        assert(operation, 'it is one of them');
        page.tell(operation.key);
      }
      if (op < operations.length) break;
      this.forget();
      page.steps++;
      [ref, op] = [(ref + 1) as LocalRef, 0];
    }
    // Of an entry begun, the place behind it is what must still be there.
    const { era } = applied.placeBefore(op > 0 ? ((ref + 1) as LocalRef) : ref);
    return { kind: 'following', era, ref, op };
  }

  /** To be called when aliases mean other entries from now on. */
  forget(): void {
    this.#open = undefined;
  }

  #operationsAt(ref: LocalRef): readonly KvOp[] {
    if (this.#open?.ref !== ref) this.#open = { ref, operations: operationsAt(ref, this.#backend) };
    return this.#open.operations;
  }
}

/** None where nothing was applied. */
function operationsAt(ref: LocalRef, { applied }: KvBackend): readonly KvOp[] {
  const payload = applied.entryAt(ref)?.payload;
  if (payload === undefined || payload.length === 0) return [];
  try {
    const { version, operations } = decodePayload(payload);
    const decoded = version > kvMachine.version ? [] : decodeKvOps(operations);
    return 'kind' in decoded ? [] : decoded;
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}
