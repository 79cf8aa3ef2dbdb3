import { type Applied, compareBytes, type StateMachine, type StateTxn } from '@lattice/model';
import { decodeLogOps, type LogOp } from './operations.js';
import { encodePosition } from './position.js';
import { encodeRecord, recordKey } from './record.js';
import { setTotals, totalsOf } from './totals.js';

/**
 * The log machine: what is appended lies, on every node, in the order (time, author, entry hash, op index). Nothing is ever
 * replaced, so the order in which entries arrive is of no account; one that comes late is put where it belongs.
 */
export const logMachine: StateMachine<LogOp> = {
  type: 'log',
  version: 1,
  decode: decodeLogOps,
  apply({ value }: LogOp, at: Applied, state: StateTxn): void {
    const { time, author, op } = at;
    const position = encodePosition({ time, author, entry: at.dot.entry, op });
    const { count, last } = totalsOf(state);
    const late = compareBytes(position, last) < 0;
    state.put(recordKey(position), encodeRecord(at.ref, late, value));
    setTotals(state, { count: count + 1, last: late ? last : position });
  },
  describe: ({ kind, value }) => ({ op: kind, value }),
};
