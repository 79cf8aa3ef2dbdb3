import { encodeKvOps } from '@lattice/kvstore';
import { hlcFromMs, type StoreId, utf8 } from '@lattice/model';
import { encodePayload } from '@lattice/proto';
import { History, historyBeginsMs, type HistoryEntry, historyKey } from '@lattice/testkit';

export const genesis = {
  kind: 'store',
  type: 'kv',
  mesh: new Uint8Array(32) as Uint8Array as StoreId,
  random: new Uint8Array(32),
} as const;

/** The key that a story is about. */
export const key = utf8('key');

/** Entries that put the key again and again. */
export class Story extends History {
  #nowMs = 0;

  constructor() {
    super(genesis);
  }

  /** `deps`: of the first of them. */
  tell(
    author: number,
    count: number,
    deps: readonly HistoryEntry[] = [],
    write?: Uint8Array,
  ): HistoryEntry[] {
    const { nodeId } = historyKey(0, author);
    return Array.from({ length: count }, (_, i) => {
      this.#nowMs++;
      const operations = write ?? encodeKvOps([{ kind: 'put', key, value: utf8(`${this.#nowMs}`) }]);
      return this.write({
        key: historyKey(0, author),
        prev: this.of(nodeId).at(-1),
        deps: i === 0 ? deps : [],
        hlc: hlcFromMs(historyBeginsMs + this.#nowMs),
        payload: encodePayload(1, [operations]),
      });
    });
  }
}
