import { type Genesis, type Hlc, hlcFromMs, type StoreId } from '@lattice/model';
import { encodePayload } from '@lattice/proto';
import { History, type HistoryEntry, historyBeginsMs, historyKey } from '@lattice/testkit';
import { traceMachine, words } from './trace.js';

export const genesis: Genesis = {
  kind: 'store',
  type: traceMachine.type,
  mesh: new Uint8Array(32).fill(7) as Uint8Array as StoreId,
  random: new Uint8Array(32),
};

export interface StoryWrite {
  /** The author's last entry unless given; `'genesis'`: a chain of its own. */
  readonly after?: HistoryEntry | 'genesis';
  readonly deps?: readonly HistoryEntry[];
  /** Milliseconds after the story began; one more than the entry before unless given. */
  readonly atMs?: number;
  /** What its operations say; empty: a merge entry. Its place in the story unless given. */
  readonly words?: readonly number[];
  readonly instead?: HistoryEntry;
}

/** A history written by hand. */
export class Story extends History {
  #nowMs = 0;

  constructor() {
    super(genesis);
  }

  tell(
    author: number,
    { after, deps = [], atMs = this.#nowMs + 1, words: said, instead }: StoryWrite = {},
  ): HistoryEntry {
    this.#nowMs = atMs;
    const key = historyKey(0, author);
    const prev = after === 'genesis' ? undefined : (after ?? this.of(key.nodeId).at(-1));
    const all = said ?? [this.entries.length];
    const payload =
      all.length === 0 ? new Uint8Array(0) : encodePayload(traceMachine.version, [words(...all)]);
    return this.write({
      key,
      prev,
      deps,
      hlc: momentOf(atMs),
      payload,
      ...(instead && { instead: instead.hash }),
    });
  }
}

export function momentOf(atMs: number): Hlc {
  return hlcFromMs(historyBeginsMs + atMs);
}
