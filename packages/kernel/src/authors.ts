import {
  type EntryRef,
  type Hash,
  type Hlc,
  idKey,
  type IdKey,
  type LocalRef,
  type NodeId,
} from '@lattice/model';
import type { Chain } from './chain-table.js';
import type { Dag } from './dag.js';

/** How far the kept history of one author goes. */
export interface AuthorHistory {
  readonly author: NodeId;
  /** The last entry of each of its chains, the latest first: more than one is a fork. */
  readonly chains: readonly ChainTip[];
  /** How far its latest chain has seen each other author, by node id. Costs a few look-ups for each of them. */
  seen(): Iterable<SeenAuthor>;
}

export interface ChainTip {
  readonly seq: number;
  readonly entry: Hash;
  readonly time: Hlc;
}

export interface SeenAuthor {
  readonly author: NodeId;
  /** The last entry that was seen, on whichever branch; 0: none. */
  readonly seq: number;
  /** The last entry that there is. */
  readonly of: number;
}

/** All authors of kept entries, by node id. `tips`: of what is kept. */
export function* authorsOf(dag: Dag, tips: readonly EntryRef[]): Generator<AuthorHistory> {
  const byAuthor = new Map<IdKey, EntryRef[]>();
  for (const tip of tips) {
    const others = byAuthor.get(idKey(tip.author));
    if (others) others.push(tip);
    else byAuthor.set(idKey(tip.author), [tip]);
  }
  const all = [...byAuthor].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => own);
  for (const own of all) {
    const latest = own.flatMap((tip) => tipOf(dag, tip)).sort((a, b) => (a.time < b.time ? 1 : -1));
    const [first] = latest;
    if (!first) continue;
    yield {
      author: first.author,
      chains: latest.map(({ seq, entry, time }) => ({ seq, entry, time })),
      seen: () => seenBy(dag, first, all),
    };
  }
}

interface Tip extends ChainTip {
  readonly author: NodeId;
  readonly ref: LocalRef;
}

/** Nothing where the entry is not here any more. */
function tipOf({ index }: Dag, { author, seq, hash }: EntryRef): readonly Tip[] {
  const place = index.find({ author, seq, hash });
  if (!place) return [];
  const { ref, time } = index.entry(index.refAt(place));
  return [{ author, seq, entry: hash, time, ref }];
}

function* seenBy(dag: Dag, from: Tip, all: readonly (readonly EntryRef[])[]): Generator<SeenAuthor> {
  for (const tips of all) {
    const [first] = tips;
    if (!first || idKey(first.author) === idKey(from.author)) continue;
    const seqs = dag.index.chains.of(first.author).map((chain) => seenUpTo(dag, from.ref, chain));
    const of = Math.max(...tips.map(({ seq }) => seq));
    yield { author: first.author, seq: Math.max(...seqs), of };
  }
}

/** The seq of a chain's last kept entry that is in an entry's past, 0 where there is none: halving finds it. */
function seenUpTo({ index, causality }: Dag, from: LocalRef, chain: Chain): number {
  const isSeen = (seq: number) => causality.sees(from, index.refAt({ chain: chain.number, seq }));
  if (chain.keptSeq < chain.firstSeq) return 0;
  // Most have seen all that there is.
  if (isSeen(chain.keptSeq)) return chain.keptSeq;
  let [seen, unseen] = [chain.firstSeq - 1, chain.keptSeq];
  while (seen + 1 < unseen) {
    const middle = Math.floor((seen + unseen) / 2);
    if (isSeen(middle)) seen = middle;
    else unseen = middle;
  }
  return seen < chain.firstSeq ? 0 : seen;
}
