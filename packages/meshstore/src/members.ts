import { hlcZero, type IdKey, idKey, type NodeId } from '@lattice/model';
import {
  type AdmissionState,
  type AuthorState,
  compareSeniority,
  type EntryState,
  type Ledger,
  refOf,
  type RevocationState,
} from './ledger.js';
import type { Member, MemberAdmission } from './view.js';

/** All who were let in, revoked or not: the creator first, then by seniority. */
export function membersOf(
  { authors }: Ledger,
  counted: readonly EntryState[],
  picked: readonly RevocationState[],
): ReadonlyMap<IdKey, Member> {
  const ownNames = ownNamesOf(counted);
  const revokers = revokersOf(picked);
  const member = (author: AuthorState, admissions: readonly AdmissionState[]): Member => {
    const revokedBy = revokers.get(author) ?? [];
    const first = admissions[0];
    return {
      nodeId: author.id,
      name: ownNames.get(author) ?? first?.op.name ?? '',
      role: first?.op.role ?? 'member',
      status: revokedBy.length > 0 ? 'revoked' : 'member',
      admittedAt: first?.at.entry.time ?? hlcZero,
      admissions: admissions.map(memberAdmission),
      revokedBy,
    };
  };
  return new Map(
    admittedOf(authors).map(([author, admissions]) => [idKey(author.id), member(author, admissions)]),
  );
}

type Admitted = readonly [author: AuthorState, admissions: readonly AdmissionState[]];

/** The creator needs no admission: one that somebody wrote all the same says nothing. */
function admittedOf(authors: readonly AuthorState[]): Admitted[] {
  const admitted: Admitted[] = [];
  for (const author of authors) {
    const admissions = author.isCreator ? [] : author.admissions.filter(({ admits }) => admits);
    if (author.isCreator || admissions.length > 0) admitted.push([author, admissions]);
  }
  return admitted.sort(([, [a]], [, [b]]) => compareFirst(a, b));
}

function compareFirst(a: AdmissionState | undefined, b: AdmissionState | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareSeniority(a, b);
}

function memberAdmission({ at, op }: AdmissionState): MemberAdmission {
  return { entry: refOf(at), time: at.entry.time, admittedBy: at.author.id, invite: op.invite };
}

/** The last that each gave itself: entries come in the one order that all nodes agree on. */
function ownNamesOf(counted: readonly EntryState[]): Map<AuthorState, string> {
  const names = new Map<AuthorState, string>();
  for (const { author, entry } of counted) {
    for (const { op } of entry.operations) if (op.kind === 'nameNode') names.set(author, op.name);
  }
  return names;
}

function revokersOf(picked: readonly RevocationState[]): Map<AuthorState, NodeId[]> {
  const revokers = new Map<AuthorState, Set<AuthorState>>();
  for (const { at, target } of picked) {
    const known = revokers.get(target) ?? new Set();
    revokers.set(target, known.add(at.author));
  }
  return new Map([...revokers].map(([target, authors]) => [target, [...authors].map(({ id }) => id)]));
}
