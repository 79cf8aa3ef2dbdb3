import { equalBytes, idKey, type NodeId } from '@lattice/model';
import { admissionOf } from './admission.js';
import { countEntries } from './counting.js';
import type { MeshHistory } from './history.js';
import {
  type AdmissionState,
  dotOf,
  type EntryState,
  type Ledger,
  openLedger,
  refOf,
  type RevocationState,
} from './ledger.js';
import { membersOf } from './members.js';
import { ProofCache } from './proofs.js';
import { storesOf } from './stores.js';
import type { CountedRevocation, MeshConflict, MeshFacts, MeshInvite, MeshView } from './view.js';

/**
 * What a mesh is, as a pure function of what a node has of the mesh's store: the same entries in any order give the
 * same view, and so do the entries of two nodes that exchanged what they keep. Hand in the same `proofs` every time, so
 * that each signature is verified once.
 */
export function evaluateMesh(history: MeshHistory, proofs: ProofCache = new ProofCache()): MeshView {
  const ledger = openLedger(history);
  const picked = countEntries(ledger, proofs);
  const counted = ledger.entries.filter((state) => state.counts);
  const invites = invitesOf(ledger);
  const facts: MeshFacts = {
    meshId: history.id,
    creator: history.genesis.creator,
    name: nameOf(counted),
    members: membersOf(ledger, counted, picked),
    invites,
    stores: storesOf(history.id, counted),
    revocations: picked.map((revocation) => countedRevocation(history, revocation)),
    conflicts: conflictsOf(invites),
  };
  // Asked with the same few ids for each write and each message, of which the key is made anew every time.
  const known = new WeakMap<NodeId, boolean>();
  const isMember = (nodeId: NodeId): boolean => {
    const answer = known.get(nodeId) ?? facts.members.get(idKey(nodeId))?.status === 'member';
    known.set(nodeId, answer);
    return answer;
  };
  return {
    ...facts,
    isMember,
    admission: (store) => admissionOf(facts, store),
  };
}

/** The last one given: entries come in the one order that all nodes agree on. */
function nameOf(counted: readonly EntryState[]): string {
  let name = '';
  for (const { entry } of counted) {
    for (const { op } of entry.operations) if (op.kind === 'nameMesh') name = op.name;
  }
  return name;
}

function invitesOf({ invites }: Ledger): MeshInvite[] {
  return invites
    .filter(({ at }) => at.counts)
    .map((invite) => {
      const { publicKey, role, expiryMs } = invite.op;
      const usedBy = admittedNodes(invite.admissions);
      return { dot: dotOf(invite), publicKey, role, expiryMs, invitedBy: invite.at.author.id, usedBy };
    });
}

function admittedNodes(admissions: readonly AdmissionState[]): NodeId[] {
  const nodes = new Set(admissions.filter(({ admits }) => admits).map(({ node }) => node));
  return [...nodes].map(({ id }) => id);
}

function conflictsOf(invites: readonly MeshInvite[]): MeshConflict[] {
  return invites
    .filter(({ usedBy }) => usedBy.length > 1)
    .map(({ dot, usedBy }) => ({ kind: 'invite-used-twice', invite: dot, nodes: usedBy }));
}

function countedRevocation({ id }: MeshHistory, revocation: RevocationState): CountedRevocation {
  const { at, op, named } = revocation;
  return {
    dot: dotOf(revocation),
    entry: refOf(at),
    time: at.entry.time,
    node: op.node,
    revokedBy: at.author.id,
    cutOffs: op.cutOffs.map(({ store, entries }) => ({
      store,
      entries: equalBytes(store, id) ? named.map(({ seq, hash }) => ({ seq, hash })) : entries,
    })),
  };
}
