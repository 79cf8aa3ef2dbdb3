import { LatticeError } from '@lattice/model';
import { ByteWriter } from '@lattice/proto';
import type { ReplicaRig } from '@lattice/testkit';
import { traceMachine } from './trace.js';

/** Says one word at great length, so that few entries fit into a bundle. */
export const largeMachine: typeof traceMachine = {
  ...traceMachine,
  decode: ([word = 0]) => [{ word }],
  apply: ({ word }, { ref, op }, state) =>
    state.put(new ByteWriter(16).u64(ref).u32(op).finish(), Uint8Array.of(word)),
};

export function largeWord(word: number): Uint8Array {
  return new Uint8Array(400 * 1024).fill(word);
}

/** Nothing is appended to the log or committed to the state any more, from the nth time on; until what is returned is called. */
export function fillDisk({ stored: { log, state } }: ReplicaRig, nth: number): () => void {
  let left = nth;
  const step = () => {
    if (--left <= 0) throw new LatticeError('disk-full', 'The disk is full.');
  };
  const append = log.append.bind(log);
  const commit = state.commit.bind(state);
  log.append = (records) => {
    step();
    return append(records);
  };
  state.commit = () => {
    step();
    commit();
  };
  return () => {
    Reflect.deleteProperty(log, 'append');
    Reflect.deleteProperty(state, 'commit');
  };
}

export async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
