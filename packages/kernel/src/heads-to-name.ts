import { type EntryInfo, type EntryRef, type Hlc, type IdKey, idKey, type LocalRef } from '@lattice/model';
import type { Chain, Place } from './chain-table.js';
import type { Dag } from './dag.js';
import { lastWithin } from './own-branch.js';

/** How many branches of one author a write names, lest a forker makes everybody's entries large. */
const branchesNamedMax = 8;

/** Through so many chains and deps it is looked for what lies before what is dated ahead: of what is more, nothing is named. */
const stepsAheadMax = 4_096;

export interface HeadsToName {
  readonly heads: readonly EntryRef[];
  /** Whether that leaves none out. */
  readonly areAll: boolean;
}

/**
 * The heads of what is kept and not dated beyond the horizon, as a wrong clock does: but for this node's own chain, and for more
 * branches of an author than are named.
 */
export function headsToName(dag: Dag, own: Chain | undefined, horizon: Hlc): HeadsToName {
  const branchesOf = new Map<IdKey, number>();
  const heads: EntryRef[] = [];
  const ahead: Place[] = [];
  let isLeftOut = false;
  for (const chain of dag.keeping.heads()) {
    if (chain === own || isSeenBy(dag, own, chain)) continue;
    const key = idKey(chain.author);
    const branches = (branchesOf.get(key) ?? 0) + 1;
    branchesOf.set(key, branches);
    const place = { chain: chain.number, seq: chain.keptSeq };
    const head = dag.index.info(dag.index.refAt(place));
    if (branches > branchesNamedMax) isLeftOut = true;
    else if (head.time > horizon) ahead.push(place);
    else heads.push(refOf(head));
  }
  if (ahead.length === 0) return { heads, areAll: !isLeftOut };
  return { heads: [...heads, ...headsBefore(dag, own, ahead, heads, horizon)], areAll: false };
}

/** Of what lies before those and within the horizon, all that none of the others sees, nor this node's own chain. */
function headsBefore(
  dag: Dag,
  own: Chain | undefined,
  ahead: readonly Place[],
  heads: readonly EntryRef[],
  horizon: Hlc,
): readonly EntryRef[] {
  const { index, causality } = dag;
  const seeing = heads.flatMap((head) => index.recordOf(head.author, head.seq, head.hash)?.ref ?? []);
  if (own) seeing.push(own.tipRef);
  const found = causality.unseen(withinBefore(dag, ahead, horizon), seeing);
  return found.map((ref) => refOf(index.info(ref)));
}

/** Of each chain through which those see anything, the last entry within the horizon; and what else they name that is. */
function withinBefore(dag: Dag, ahead: readonly Place[], horizon: Hlc): ReadonlySet<LocalRef> {
  const { index } = dag;
  const within = new Set<LocalRef>();
  const lookedUpTo = new Map<number, number>();
  const todo = [...ahead];
  let steps = stepsAheadMax;
  for (let place = todo.pop(); place && steps-- > 0; place = todo.pop()) {
    const { chain: number, seq } = place;
    const chain = index.chains.at(number);
    const last = lastWithin(dag, { number, tipSeq: seq }, horizon);
    if (last) within.add(last.ref);
    const from = Math.max(chain.firstSeq, (last?.seq ?? 0) + 1, (lookedUpTo.get(number) ?? 0) + 1);
    if (seq < from) continue;
    lookedUpTo.set(number, seq);
    if (chain.parent !== undefined && (last?.seq ?? 0) + 1 < chain.firstSeq)
      todo.push({ chain: chain.parent, seq: chain.firstSeq - 1 });
    for (const { deps } of index.joins(number, from, seq)) {
      for (const dep of deps) {
        const { chain: other, seq: at, time } = index.entry(dep);
        if (time > horizon) todo.push({ chain: other, seq: at });
        else within.add(dep);
        steps--;
      }
    }
  }
  return within;
}

/**
 * Whether an own chain that does not count, so that its entries cover no heads, has one in its past. (Of one that counts,
 * no head is.)
 */
function isSeenBy(dag: Dag, own: Chain | undefined, { number, keptSeq }: Chain): boolean {
  if (!own || own.keptSeq === own.tipSeq) return false;
  return dag.causality.sees(own.tipRef, dag.index.refAt({ chain: number, seq: keptSeq }));
}

function refOf({ author, seq, hash }: EntryInfo): EntryRef {
  return { author, seq, hash };
}
