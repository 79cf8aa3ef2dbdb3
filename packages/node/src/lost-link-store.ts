import { LatticeError, type NodeId } from '@lattice/model';
import type { LostEntries } from '@lattice/kernel';
import type { LinkStore } from '@lattice/net';

/**
 * A store as a peer is to see it that is asked for what the log has lost, though the state has it: as one that has nothing
 * from there on, and nothing to give.
 */
export function withoutWhatIsLost(link: LinkStore, lost: LostEntries): LinkStore {
  return {
    id: link.id,
    entries: () => link.entries(),
    tips: () => lost.tips,
    timeOf: (tip) => link.timeOf(tip),
    digest: () => lost.digest(),
    knows: (entry) => link.knows(entry) && lost.knows(entry),
    samples: (of) => link.samples(of),
    outgoing: () => [][Symbol.iterator](),
    horizon: () => link.horizon(),
    admit: async (bytes: Uint8Array, from: NodeId) => {
      const outcome = await link.admit(bytes, from);
      if (outcome.kind !== 'taken') return outcome;
      try {
        await lost.take(bytes);
        return outcome;
      } catch (error) {
        if (error instanceof LatticeError) return { kind: 'unable', reason: error.message };
        throw error;
      }
    },
  };
}
