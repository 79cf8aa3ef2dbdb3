import type { NamedReplica } from './clock-repairs.js';

/** That this node has more than one history in a store, which what it does by itself never brings about while its disk is whole. */
export function ownForkWarnings({ where, replica }: Omit<NamedReplica, 'id'>): readonly string[] {
  const branches = replica.ownBranches();
  if (branches < 2) return [];
  return [
    `This node has ${branches} histories in ${where}: its data directory was copied or restored, its key is in other hands, or ` +
      'it went on without what damage had taken from its log and somebody else still had. Of copies, see that one alone runs with ' +
      'this key; any other is to run `node rotate`, for an identity of its own.',
  ];
}
