import { historyScripts, type HistoryOptions } from '@lattice/testkit';
import fc from 'fast-check';
import { encodeTrace, traceMachine, type TraceOp } from './trace.js';

/** Random histories of the trace machine. */
export const traceHistory: HistoryOptions<TraceOp> = {
  operation: fc.record({ word: fc.nat(255) }, { noNullPrototype: true }),
  encode: encodeTrace,
  type: traceMachine.type,
  version: traceMachine.version,
};

export const traceScripts = historyScripts(traceHistory);

export const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
