import {
  type Admission,
  type AuthorRule,
  type CutOff,
  type EntryRef,
  equalBytes,
  type Hash,
  type Hlc,
  idKey,
  type IdKey,
  type NodeId,
} from '@lattice/model';
import { type Dice, type History, type HistoryEntry, historyKey, refOf } from '@lattice/testkit';

/** An admission that can be looked at. */
export interface DrawnAdmission extends Admission {
  readonly named: readonly EntryRef[];
}

/**
 * Who counts, at random: some authors never, some from a time on, some only behind an entry, some cut off by one or two
 * others at entries that may be here, may come, or may not exist.
 */
export function drawAdmission(
  history: History,
  dice: Dice,
  options: { readonly withCutOffs: boolean },
): DrawnAdmission {
  const rules = new Map<IdKey, AuthorRule>();
  const named: EntryRef[] = [];
  for (const author of authorsOf(history)) {
    if (dice.oneIn(6)) continue;
    const rule = drawRule(history, author, dice, options.withCutOffs);
    rules.set(idKey(author.entry.author), rule);
    for (const cutOff of rule.cutOffs.flat()) named.push({ author: author.entry.author, ...cutOff });
  }
  if (options.withCutOffs) {
    for (let i = dice.below(3); i > 0; i--) named.push(refOf(dice.pick(history.entries)));
  }
  return {
    named,
    rule: (author) => rules.get(idKey(author)),
    authors: () => rules.keys(),
    alsoKept: () => named,
  };
}

/** One entry of each author. */
function authorsOf(history: History): HistoryEntry[] {
  return [...new Map(history.entries.map((entry) => [idKey(entry.entry.author), entry])).values()];
}

function drawRule(history: History, { entry }: HistoryEntry, dice: Dice, withCutOffs: boolean): AuthorRule {
  const own = history.of(entry.author);
  const spans = Array.from({ length: 1 + dice.below(2) }, () => {
    const after = (dice.oneIn(3) ? dice.pick(history.entries).entry.hlc : -1n) as Hlc;
    return dice.oneIn(4) ? { after, behind: refOf(dice.pick(history.entries)) } : { after };
  });
  const revokers = withCutOffs && dice.oneIn(2) ? 1 + dice.below(2) : 0;
  const cutOffs = Array.from({ length: revokers }, () =>
    Array.from({ length: dice.below(4) }, () => drawCutOff(own, dice)),
  );
  return { spans, cutOffs };
}

function drawCutOff(own: readonly HistoryEntry[], dice: Dice): CutOff {
  const { entry, hash } = dice.pick(own);
  if (!dice.oneIn(6)) return { seq: entry.seq, hash };
  return { seq: entry.seq, hash: new Uint8Array(32).fill(dice.below(255)) as Uint8Array as Hash };
}

/** Lets everybody of the family count but those given. */
export function allBut(family: number, ...authors: readonly number[]): Admission {
  const none = new Set(authors.map((author) => idKey(historyKey(family, author).nodeId)));
  return ruledBy((author) => (none.has(idKey(author)) ? undefined : always));
}

/** Lets everybody count from the beginning, but that one by this rule. */
export function withRule(author: NodeId, rule: AuthorRule | undefined): Admission {
  return ruledBy((other) => (equalBytes(other, author) ? rule : always));
}

function ruledBy(rule: Admission['rule']): Admission {
  return { rule, authors: () => [], alsoKept: () => [] };
}

const always: AuthorRule = { spans: [{ after: -1n as Hlc }], cutOffs: [] };
