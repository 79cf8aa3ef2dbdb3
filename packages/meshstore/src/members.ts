import { hlcZero, type IdKey, type NodeId } from '@lattice/model';
import {
  type AdmissionState,
  type AuthorState,
  compareSeniority,
  type Ledger,
  refOf,
  type Remark,
  type RevocationState,
} from './ledger.js';
import type { Member, MemberAdmission } from './view.js';

/**
 * All who were let in, revoked or not: the creator first, then by seniority. Made anew is only about whom something
 * changed: there may be many, and they are asked for often.
 */
export function membersOf(
  { authors }: Ledger,
  said: readonly Remark[],
  picked: readonly RevocationState[],
): ReadonlyMap<IdKey, Member> {
  const ownNames = ownNamesOf(said);
  const revokers = revokersOf(picked);
  const memberOf = ([author, admissions]: Admitted): Member => {
    const name = ownNames.get(author) ?? admissions[0]?.op.name ?? '';
    if (author.listed?.name !== name)
      author.listed = newMember(author, name, admissions, revokers.get(author) ?? []);
    return author.listed;
  };
  return new Map(admittedOf(authors).map((admitted) => [admitted[0].key, memberOf(admitted)]));
}

function newMember(
  { id }: AuthorState,
  name: string,
  admissions: readonly AdmissionState[],
  revokedBy: readonly NodeId[],
): Member {
  const [first] = admissions;
  return {
    nodeId: id,
    name,
    role: first?.op.role ?? 'member',
    status: revokedBy.length > 0 ? 'revoked' : 'member',
    admittedAt: first?.at.entry.time ?? hlcZero,
    admissions: admissions.map(memberAdmission),
    revokedBy,
  };
}

type Admitted = readonly [author: AuthorState, admissions: readonly AdmissionState[]];

/** The creator needs no admission: one that somebody wrote all the same says nothing. */
function admittedOf(authors: Iterable<AuthorState>): Admitted[] {
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
function ownNamesOf(said: readonly Remark[]): Map<AuthorState, string> {
  const names = new Map<AuthorState, string>();
  for (const { at, op } of said) if (op.kind === 'nameNode') names.set(at.author, op.name);
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
