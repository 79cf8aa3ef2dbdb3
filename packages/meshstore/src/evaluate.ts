import { equalBytes, idKey, type NodeId } from '@lattice/model';
import { admissionOf, PlainRules } from './admission.js';
import { Counting } from './counting.js';
import type { MeshEntry, MeshHistory, MeshPast } from './history.js';
import { invitesOf } from './invites.js';
import { dotOf, Ledger, refOf, type Remark, type RevocationState } from './ledger.js';
import { membersOf } from './members.js';
import { ProofCache } from './proofs.js';
import { storesOf } from './stores.js';
import type { CountedRevocation, MeshConflict, MeshFacts, MeshInvite, MeshView } from './view.js';

/**
 * What a mesh is, as a pure function of what a node has of the mesh's store: the same entries in any order give the
 * same view, and so do the entries of two nodes that exchanged what they keep.
 */
export function evaluateMesh(history: MeshHistory, proofs?: ProofCache): MeshView {
  return new MeshEvaluation(history, proofs).view;
}

/**
 * The same of a history that grows. Entries that come cost little more than themselves, however many there are; but where
 * one of them revokes, or has to do with somebody who was revoked, all is counted anew. What did not change is the same
 * object in one view and the next.
 */
export class MeshEvaluation {
  readonly #past: MeshPast;
  readonly #proofs: ProofCache;
  #counted: Counted;
  #view: MeshView;

  /** Hand in the same `proofs` every time, so that each signature is verified once. */
  constructor(history: MeshHistory, proofs: ProofCache = new ProofCache()) {
    this.#past = history;
    this.#proofs = proofs;
    this.#counted = count(history, proofs);
    this.#view = this.#look();
  }

  get view(): MeshView {
    return this.#view;
  }

  /** Entries in any order, each once and together with all that it sees, unless that was there. */
  add(entries: readonly MeshEntry[]): MeshView {
    const { ledger, counting } = this.#counted;
    if (!counting.extend(ledger.add(entries))) {
      const all = ledger.entries.map(({ entry }) => entry);
      this.#counted = count({ ...this.#past, entries: all }, this.#proofs);
    }
    this.#view = this.#look();
    return this.#view;
  }

  #look(): MeshView {
    const { id, genesis } = this.#past;
    const { ledger, counting, rules, revocations } = this.#counted;
    const said = ledger.remarks.filter(({ at }) => at.counts);
    const invites = invitesOf(ledger);
    const facts: MeshFacts = {
      meshId: id,
      creator: genesis.creator,
      name: nameOf(said),
      members: membersOf(ledger, said, counting.picked),
      invites,
      stores: storesOf(id, said),
      revocations,
      conflicts: conflictsOf(invites),
    };
    return {
      ...facts,
      isMember: memberTest(facts),
      admission: (store) => admissionOf(facts, store, rules),
    };
  }
}

/** All entries, counted, and what follows from revocations alone: one stands as long as the other. */
interface Counted {
  readonly ledger: Ledger;
  readonly counting: Counting;
  readonly rules: PlainRules;
  readonly revocations: readonly CountedRevocation[];
}

function count(history: MeshHistory, proofs: ProofCache): Counted {
  const ledger = new Ledger(history);
  const counting = new Counting(ledger, proofs);
  return {
    ledger,
    counting,
    rules: new PlainRules(),
    revocations: counting.picked.map((revocation) => countedRevocation(history, revocation)),
  };
}

function memberTest({ members }: MeshFacts): (nodeId: NodeId) => boolean {
  // Asked with the same few ids for each write and each message, of which the key is made anew every time.
  const known = new WeakMap<NodeId, boolean>();
  return (nodeId) => {
    const answer = known.get(nodeId) ?? members.get(idKey(nodeId))?.status === 'member';
    known.set(nodeId, answer);
    return answer;
  };
}

/** The last one given: entries come in the one order that all nodes agree on. */
function nameOf(said: readonly Remark[]): string {
  let name = '';
  for (const { op } of said) if (op.kind === 'nameMesh') name = op.name;
  return name;
}

function conflictsOf(invites: readonly MeshInvite[]): MeshConflict[] {
  return invites
    .filter(({ usedBy }) => usedBy.length > 1)
    .map(({ dot, usedBy }) => ({ kind: 'invite-used-twice', invite: dot, nodes: usedBy }));
}

function countedRevocation({ id }: MeshPast, revocation: RevocationState): CountedRevocation {
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
