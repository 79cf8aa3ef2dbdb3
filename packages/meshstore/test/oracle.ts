import {
  compareBytes,
  type Dot,
  equalBytes,
  hlcEndOfMs,
  idKey,
  type NodeId,
  type StoreId,
} from '@lattice/model';
import {
  type AdmitOp,
  type InviteOp,
  type MeshOp,
  type RevokeOp,
  verifyInviteProof,
} from '@lattice/meshstore';
import { find, type Holding, leadsTo, sees, type TestEntry } from './dag.js';
import type { TestMesh } from './mesh.js';

/** An operation at its place. */
interface At<Op extends MeshOp> {
  readonly entry: TestEntry;
  readonly index: number;
  readonly op: Op;
}
type Admission = At<AdmitOp>;
type Revocation = At<RevokeOp>;

/** What the oracle says of a holding. */
export interface Verdict {
  /** The counted revocations, in the order in which they were picked. */
  readonly revocations: readonly Dot[];
  /** Of an entry of the mesh store. */
  counts(entry: TestEntry): boolean;
  /** Of an entry of another store, given what is present there. */
  countsIn(store: StoreId, present: Holding, entry: TestEntry): boolean;
  /** Of an admission. */
  admits(entry: TestEntry, index: number): boolean;
}

/**
 * The rule of what counts, written down as it stands in the design: each definition one function, everything asked
 * again under every C, nothing remembered but the answers under the present one. To be believed, not to be fast.
 */
export function ruleOfWhatCounts(mesh: TestMesh, holding: Holding): Verdict {
  const revocations = opsOf(holding, 'revoke');
  const picked: Revocation[] = [];
  for (;;) {
    const under = rulesUnder(mesh, holding, picked);
    const open = revocations.filter((r) => !picked.includes(r) && under.counts(r.entry));
    const [least] = open.sort((a, b) => under.compareByRank(a, b));
    if (least === undefined) break;
    picked.push(least);
  }
  const { counts, countsIn, admits, admissions } = rulesUnder(mesh, holding, picked);
  return {
    revocations: picked.map(({ entry, index }) => ({ entry: entry.hash, op: index })),
    counts,
    countsIn,
    admits: (entry, index) => admissions.some((a) => a.entry === entry && a.index === index && admits(a)),
  };
}

function rulesUnder(mesh: TestMesh, holding: Holding, C: readonly Revocation[]) {
  const admissions = opsOf(holding, 'admit');
  const invites = opsOf(holding, 'invite');
  const isCreator = (node: NodeId) => equalBytes(node, mesh.creator.nodeId);

  /** Those that `r` names in the mesh store, of those that are present and in its own past. */
  const named = (r: Revocation): TestEntry[] => namedIn(r, mesh.id, holding).filter((h) => sees(r.entry, h));

  const accepts = (r: Revocation, e: TestEntry): boolean => named(r).some((h) => leadsTo(e, h));

  const acceptedBy = (rs: readonly Revocation[], e: TestEntry): boolean =>
    revokers(rs).every((s) => rs.some((r) => equalBytes(r.entry.author, s) && accepts(r, e)));

  const accepted = (e: TestEntry): boolean =>
    acceptedBy(
      C.filter((r) => equalBytes(r.op.node, e.author)),
      e,
    );

  const counts = remember(
    (e: TestEntry): boolean =>
      accepted(e) &&
      (isCreator(e.author) ||
        admissions.some(
          (a) => equalBytes(a.op.node, e.author) && sees(e, a.entry) && e.hlc > a.entry.time && admits(a),
        )),
  );

  const admits = remember((a: Admission): boolean => {
    const invite = invites.find((i) => isDot(a.op.invite, i));
    return (
      invite !== undefined &&
      inPast(invite, a) &&
      counts(a.entry) &&
      isProven(mesh, a, invite) &&
      a.entry.time <= hlcEndOfMs(invite.op.expiryMs) &&
      acceptedBy(
        C.filter((r) => inPast(r, a) && equalBytes(r.op.node, invite.entry.author)),
        invite.entry,
      ) &&
      !admissions.some(
        (b) =>
          isDot(b.op.invite, invite) &&
          !equalBytes(b.op.node, a.op.node) &&
          inPast(b, a) &&
          isProven(mesh, b, invite),
      )
    );
  });

  const rank = (r: Revocation): Admission | undefined =>
    isCreator(r.entry.author)
      ? undefined
      : admissions
          .filter((a) => equalBytes(a.op.node, r.entry.author) && inPast(a, r) && admits(a))
          .sort(byTimeHashIndex)[0];

  const compareByRank = (x: Revocation, y: Revocation): number => {
    const [a, b] = [rank(x), rank(y)];
    if (a === undefined || b === undefined)
      return Number(a !== undefined) - Number(b !== undefined) || byTimeHashIndex(x, y);
    return byTimeHashIndex(a, b) || byTimeHashIndex(x, y);
  };

  const countsIn = (store: StoreId, present: Holding, e: TestEntry): boolean => {
    const against = C.filter((r) => equalBytes(r.op.node, e.author));
    const isAccepted = revokers(against).every((s) =>
      against.some(
        (r) => equalBytes(r.entry.author, s) && namedIn(r, store, present).some((h) => leadsTo(e, h)),
      ),
    );
    return (
      isAccepted &&
      (isCreator(e.author) ||
        admissions.some((a) => equalBytes(a.op.node, e.author) && e.hlc > a.entry.time && admits(a)))
    );
  };

  return { counts, countsIn, admits, admissions, compareByRank };
}

function namedIn(r: Revocation, store: StoreId, present: Holding): TestEntry[] {
  return r.op.cutOffs
    .filter((cutOff) => equalBytes(cutOff.store, store))
    .flatMap(({ entries }) => entries.map((cutOff) => find(present, { author: r.op.node, ...cutOff })))
    .filter((h) => h !== undefined);
}

function revokers(rs: readonly Revocation[]): NodeId[] {
  return [...new Map(rs.map(({ entry }) => [idKey(entry.author), entry.author])).values()];
}

function inPast(earlier: At<MeshOp>, later: At<MeshOp>): boolean {
  return earlier.entry === later.entry ? earlier.index < later.index : sees(later.entry, earlier.entry);
}

function isDot({ entry, op }: Dot, at: At<MeshOp>): boolean {
  return op === at.index && equalBytes(entry, at.entry.hash);
}

function byTimeHashIndex(a: At<MeshOp>, b: At<MeshOp>): number {
  if (a.entry.time !== b.entry.time) return a.entry.time < b.entry.time ? -1 : 1;
  return compareBytes(a.entry.hash, b.entry.hash) || a.index - b.index;
}

const proofs = new WeakMap<AdmitOp, boolean>();
function isProven(mesh: TestMesh, { op }: Admission, invite: At<InviteOp>): boolean {
  const known = proofs.get(op) ?? verifyInviteProof(invite.op.publicKey, mesh.id, op.node, op.proof);
  proofs.set(op, known);
  return known;
}

function opsOf<Kind extends MeshOp['kind']>(
  holding: Holding,
  kind: Kind,
): At<Extract<MeshOp, { kind: Kind }>>[] {
  return [...holding].flatMap((entry) =>
    entry.operations
      .filter(({ op }) => op.kind === kind)
      .map(({ index, op }) => ({ entry, index, op: op as Extract<MeshOp, { kind: Kind }> })),
  );
}

function remember<K extends object>(ask: (key: K) => boolean): (key: K) => boolean {
  const known = new Map<K, boolean>();
  return (key) => {
    const answer = known.get(key) ?? ask(key);
    known.set(key, answer);
    return answer;
  };
}
