import {
  type Applied,
  comparePlaces,
  type LocalDot,
  type Place,
  type StateMachine,
  type StateTxn,
} from '@lattice/model';
import { decodeKvOps, type KvOp } from './operations.js';
import { decodeRecord, encodeRecord, recordKey } from './record.js';

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
    const value = op.kind === 'put' ? op.value : undefined;
    const stored = state.get(key);
    const before = stored && decodeRecord(stored);
    if (!before) {
      state.put(key, encodeRecord({ winner: at, others: [], value }));
      return;
    }
    const others = before.others.filter((head) => !at.sees(head));
    // Whoever sees the winner is later than it, and so than all others: no head that lost ever wins again.
    if (at.sees(before.winner)) state.put(key, encodeRecord({ winner: at, others, value }));
    else if (comparePlaces(placeOf(at), placeOfHead(before.winner, at)) > 0) {
      state.put(key, encodeRecord({ winner: at, others: [before.winner, ...others], value }));
    } else
      state.put(key, encodeRecord({ winner: before.winner, others: [at, ...others], value: before.value }));
  },
};

function placeOf(at: Applied): Place {
  return { time: at.time, author: at.author, entry: at.dot.entry, op: at.op };
}

function placeOfHead({ ref, op }: LocalDot, at: Applied): Place {
  const { time, author, hash } = at.info(ref);
  return { time, author, entry: hash, op };
}
