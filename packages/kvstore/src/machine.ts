import {
  type Applied,
  comparePlaces,
  type LocalDot,
  type Place,
  type StateMachine,
  type StateTxn,
} from '@lattice/model';
import { addToConflicts } from './conflicts.js';
import { decodeKvOps, type KvOp } from './operations.js';
import {
  decodeRecord,
  encodeRecord,
  type KvRecord,
  onlyHead,
  recordKey,
  storedValue,
  type StoredValue,
} from './record.js';
import { rememberReplaced } from './versions.js';

/**
 * The key-value machine: last writer wins, and what lost stays visible. A write replaces the heads of its key that it sees
 * and stands beside those that it does not; the winner is the greatest by (time, author, entry hash, op index).
 */
export const kvMachine: StateMachine<KvOp> = {
  type: 'kv',
  version: 1,
  decode: decodeKvOps,
  apply(op: KvOp, at: Applied, state: StateTxn): void {
    const key = recordKey(op.key);
    const value = op.kind === 'put' ? storedValue(op.value) : undefined;
    const stored = state.get(key);
    const only = stored && onlyHead(stored);
    if (!stored || (only && at.sees(only))) {
      state.put(key, encodeRecord({ winner: at, others: [], value }));
      if (only) rememberReplaced(state, at, [only]);
      return;
    }
    const before = decodeRecord(stored);
    const [replaced, left] = parted(before, at);
    state.put(key, encodeRecord(recordAfter(before, left, at, value)));
    if (replaced.length > 0) rememberReplaced(state, at, replaced);
    const [wereSeveral, areSeveral] = [before.others.length > 0, left.length > 0];
    if (wereSeveral !== areSeveral) addToConflicts(state, areSeveral ? 1 : -1);
    if (areSeveral && !wereSeveral) at.notice({ kind: 'conflict', key: op.key });
  },
  describe: (op) =>
    op.kind === 'put' ? { op: op.kind, key: op.key, value: op.value } : { op: op.kind, key: op.key },
};

/** The heads that a write sees, and those that stay beside it; the winner in front where it is among them. */
function parted({ winner, others }: KvRecord, at: Applied): readonly [LocalDot[], LocalDot[]] {
  const replaced: LocalDot[] = [];
  const left: LocalDot[] = [];
  for (const head of [winner, ...others]) (at.sees(head) ? replaced : left).push(head);
  return [replaced, left];
}

/** `left`: the heads that the write at hand does not see. */
function recordAfter(before: KvRecord, left: readonly LocalDot[], at: Applied, value: StoredValue): KvRecord {
  const [first, ...rest] = left;
  // Whoever sees the winner is later than it, and so than all others: no head that lost ever wins again.
  if (first !== before.winner) return { winner: at, others: left, value };
  return comparePlaces(placeOf(at), placeOfHead(first, at)) > 0
    ? { winner: at, others: left, value }
    : { winner: first, others: [at, ...rest], value: before.value };
}

function placeOf(at: Applied): Place {
  return { time: at.time, author: at.author, entry: at.dot.entry, op: at.op };
}

function placeOfHead({ ref, op }: LocalDot, at: Applied): Place {
  const { time, author, hash } = at.info(ref);
  return { time, author, entry: hash, op };
}
