import {
  type AdmitOp,
  type InviteOp,
  type MeshOp,
  type RevokeOp,
  verifyInviteProof,
} from '@lattice/meshstore';
import { compareBytes, equalBytes, hlcEndOfMs, type NodeId, type StoreId, toHex } from '@lattice/model';
import { meshOpsIn } from './mesh-ops.js';
import type { Known, Past } from './past.js';

/** An operation of the mesh store, and where it stands. */
export interface Placed<Op> {
  readonly at: Known;
  readonly index: number;
  readonly op: Op;
}

/** A counted revocation. */
type Revocation = Placed<RevokeOp>;
type Admission = Placed<AdmitOp>;

/**
 * What counts in a mesh, computed as the protocol's section "Membership" is written, word by word and without regard for cost:
 * what nodes compute is held against it.
 */
export class Reference {
  readonly mesh: StoreId;
  readonly creator: NodeId;
  /** The counted revocations, in the order in which they were picked. */
  readonly revocations: readonly Revocation[];
  readonly #past: Past;
  readonly #invites = new Map<string, Placed<InviteOp>>();
  readonly #admissions: Admission[] = [];
  readonly #revokes: Revocation[] = [];
  #picked: Revocation[] = [];
  readonly #admits = new Map<Admission, boolean>();
  readonly #counts = new Map<Known, boolean>();
  #unrevoked: Reference | undefined;

  constructor(mesh: StoreId, creator: NodeId, past: Past, revoking = true) {
    this.mesh = mesh;
    this.creator = creator;
    this.#past = past;
    for (const at of past.entries) for (const placed of meshOpsOf(at)) this.#enter(placed);
    for (let next = revoking ? this.#pick() : undefined; next; next = this.#pick()) {
      this.#picked = [...this.#picked, next];
      this.#admits.clear();
      this.#counts.clear();
    }
    this.revocations = this.#picked;
  }

  /** What would count if nobody had ever been revoked. */
  get unrevoked(): Reference {
    return (this.#unrevoked ??= new Reference(this.mesh, this.creator, this.#past, false));
  }

  /** Of the mesh store. */
  counts(entry: Known): boolean {
    const known = this.#counts.get(entry);
    if (known !== undefined) return known;
    const verdict =
      this.#accepted(entry, this.mesh, this.#past) &&
      (this.#isCreator(entry.entry.author) ||
        this.#admissionsOf(entry.entry.author).some(
          (one) => this.#past.sees(entry, one.at) && entry.entry.hlc > one.at.time && this.#lets(one),
        ));
    this.#counts.set(entry, verdict);
    return verdict;
  }

  /** Of any other store, whose history that is. */
  countsIn(store: StoreId, past: Past, entry: Known): boolean {
    const { author, hlc } = entry.entry;
    return (
      this.#accepted(entry, store, past) &&
      (this.#isCreator(author) ||
        this.#admissionsOf(author).some((one) => hlc > one.at.time && this.#lets(one)))
    );
  }

  wasLetIn(node: NodeId): boolean {
    return this.#isCreator(node) || this.#admissionsOf(node).some((one) => this.#lets(one));
  }

  /** Whether something let it in that counts no more, for a revocation; it may have been let in again since. */
  wasUndone(node: NodeId): boolean {
    return this.#admissionsOf(node).some((one) => this.unrevoked.#lets(one) && !this.#lets(one));
  }

  isRevoked(node: NodeId): boolean {
    return this.revocations.some(({ op }) => equalBytes(op.node, node));
  }

  isMember(node: NodeId): boolean {
    return this.wasLetIn(node) && !this.isRevoked(node);
  }

  /** All operations that count. */
  *operations(): Generator<Placed<MeshOp>> {
    for (const at of this.#past.entries) if (this.counts(at)) yield* meshOpsOf(at);
  }

  /** What revocations name in a store, and of the mesh store the revocations themselves. */
  keptBesides(store: StoreId, past: Past): readonly Known[] {
    const named = this.revocations.flatMap((one) => this.#named(one, store, past));
    return equalBytes(store, this.mesh) ? [...named, ...this.revocations.map(({ at }) => at)] : named;
  }

  #enter({ at, index, op }: Placed<MeshOp>): void {
    if (op.kind === 'invite') this.#invites.set(`${at.key}/${index}`, { at, index, op });
    else if (op.kind === 'admit') this.#admissions.push({ at, index, op });
    else if (op.kind === 'revoke') this.#revokes.push({ at, index, op });
  }

  #pick(): Revocation | undefined {
    const left = this.#revokes.filter((one) => !this.#picked.includes(one) && this.counts(one.at));
    return left.sort((a, b) => this.#compareRanks(a, b) || comparePlaced(a, b))[0];
  }

  #compareRanks(a: Revocation, b: Revocation): number {
    const [rankA, rankB] = [this.#rank(a), this.#rank(b)];
    if (rankA === undefined || rankB === undefined)
      return Number(rankA !== undefined) - Number(rankB !== undefined);
    return comparePlaced(rankA, rankB);
  }

  /** `undefined`: the creator's, before all others. */
  #rank({ at }: Revocation): Admission | undefined {
    if (this.#isCreator(at.entry.author)) return undefined;
    const seen = this.#admissionsOf(at.entry.author).filter(
      (one) => this.#past.sees(at, one.at) && this.#lets(one),
    );
    return seen.sort(comparePlaced)[0];
  }

  #lets(admission: Admission): boolean {
    const known = this.#admits.get(admission);
    if (known !== undefined) return known;
    const verdict = this.#judge(admission);
    this.#admits.set(admission, verdict);
    return verdict;
  }

  #judge(admission: Admission): boolean {
    const { at, op } = admission;
    const invite = this.#invites.get(`${toHex(op.invite.entry)}/${op.invite.op}`);
    if (!invite || !this.#opSees(admission, invite) || !this.counts(at)) return false;
    if (at.time > hlcEndOfMs(invite.op.expiryMs) || !this.#isProven(admission, invite)) return false;
    if (!this.#isInviteAccepted(admission, invite)) return false;
    return !this.#admissions.some(
      (other) =>
        !equalBytes(other.op.node, op.node) &&
        equalBytes(other.op.invite.entry, op.invite.entry) &&
        other.op.invite.op === op.invite.op &&
        this.#opSees(admission, other) &&
        this.#isProven(other, invite),
    );
  }

  #isInviteAccepted(admission: Admission, invite: Placed<InviteOp>): boolean {
    const seen = this.#picked.filter(
      (one) => equalBytes(one.op.node, invite.at.entry.author) && this.#opSees(admission, one),
    );
    return this.#eachRevokerAccepts(seen, invite.at, this.mesh, this.#past);
  }

  #accepted(entry: Known, store: StoreId, past: Past): boolean {
    const against = this.#picked.filter(({ op }) => equalBytes(op.node, entry.entry.author));
    return this.#eachRevokerAccepts(against, entry, store, past);
  }

  #eachRevokerAccepts(revocations: readonly Revocation[], entry: Known, store: StoreId, past: Past): boolean {
    const revokers = new Set(revocations.map(({ at }) => toHex(at.entry.author)));
    return [...revokers].every((revoker) =>
      revocations
        .filter(({ at }) => toHex(at.entry.author) === revoker)
        .some((one) => this.#named(one, store, past).some((named) => past.isChainAncestor(entry, named))),
    );
  }

  /** What a revocation names that is there; in the mesh store, of what it sees. */
  #named({ at, op }: Revocation, store: StoreId, past: Past): readonly Known[] {
    const { entries = [] } = op.cutOffs.find((cutOff) => equalBytes(cutOff.store, store)) ?? {};
    return entries.flatMap(({ seq, hash }) => {
      const found = past.get(toHex(hash));
      if (!found || found.entry.seq !== seq || !equalBytes(found.entry.author, op.node)) return [];
      return !equalBytes(store, this.mesh) || past.sees(at, found) ? [found] : [];
    });
  }

  #isProven({ op }: Admission, invite: Placed<InviteOp>): boolean {
    return verifyInviteProof(invite.op.publicKey, this.mesh, op.node, op.proof);
  }

  #opSees(later: Placed<MeshOp>, earlier: Placed<MeshOp>): boolean {
    return later.at === earlier.at ? earlier.index < later.index : this.#past.sees(later.at, earlier.at);
  }

  #admissionsOf(node: NodeId): readonly Admission[] {
    return this.#admissions.filter(({ op }) => equalBytes(op.node, node));
  }

  #isCreator(node: NodeId): boolean {
    return equalBytes(node, this.creator);
  }
}

/** By (time, entry hash, index). */
function comparePlaced(a: Placed<MeshOp>, b: Placed<MeshOp>): number {
  if (a.at.time !== b.at.time) return a.at.time < b.at.time ? -1 : 1;
  return compareBytes(a.at.hash, b.at.hash) || a.index - b.index;
}

function meshOpsOf(at: Known): readonly Placed<MeshOp>[] {
  return meshOpsIn(at.entry).map((op, index) => ({ at, index, op }));
}
