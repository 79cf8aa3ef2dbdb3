import {
  type Admission,
  type AdmissionSpan,
  type AuthorRule,
  type CutOff,
  type EntryRef,
  equalBytes,
  type Hlc,
  type IdKey,
  idKey,
  type StoreId,
} from '@lattice/model';
import { getOrAdd } from './get-or-add.js';
import type { CountedRevocation, Member, MeshFacts } from './view.js';

/** What counts in one store, in the form in which the kernel asks: a rule for each author that was let in. */
export function admissionOf(facts: MeshFacts, store: StoreId, plain: PlainRules): Admission {
  const isMeshStore = equalBytes(store, facts.meshId);
  const cutOffs = cutOffsByNode(facts.revocations, store);
  const kept = keptOf(facts.revocations, store, isMeshStore);
  const ruleOf = (key: IdKey): AuthorRule | undefined => {
    const member = facts.members.get(key);
    if (!member) return undefined;
    const rule = plain.of(member, facts, isMeshStore);
    const lists = cutOffs.get(key);
    return lists ? { ...rule, cutOffs: lists } : rule;
  };
  return {
    rule: (author) => ruleOf(idKey(author)),
    authors: () => facts.members.keys(),
    alsoKept: () => kept,
  };
}

/** The rules of members without cut-offs: for as long as a member is the same, each is the very same, too. */
export class PlainRules {
  readonly #inMeshStore = new WeakMap<Member, AuthorRule>();
  readonly #elsewhere = new WeakMap<Member, AuthorRule>();

  of(member: Member, facts: MeshFacts, isMeshStore: boolean): AuthorRule {
    const rules = isMeshStore ? this.#inMeshStore : this.#elsewhere;
    const rule = rules.get(member) ?? { spans: spansOf(member, facts, isMeshStore), cutOffs: [] };
    rules.set(member, rule);
    return rule;
  }
}

/** Below every `hlc` there is: nothing that the creator claims lies before its admission. */
const beforeAll = -1n as Hlc;

/** Outside of the mesh store nothing tells whether an author knew of its admission: there the first one is enough. */
function spansOf(member: Member, { creator }: MeshFacts, isMeshStore: boolean): AdmissionSpan[] {
  if (equalBytes(member.nodeId, creator)) return [{ after: beforeAll }];
  if (isMeshStore) return member.admissions.map(({ time, entry }) => ({ after: time, behind: entry }));
  return [{ after: member.admittedAt }];
}

/** Of each revoked node, and each of its revokers, all that they named in the store, once: they widen each other. */
function cutOffsByNode(
  revocations: readonly CountedRevocation[],
  store: StoreId,
): ReadonlyMap<IdKey, readonly (readonly CutOff[])[]> {
  const byNode = new Map<IdKey, Map<IdKey, Map<string, CutOff>>>();
  for (const revocation of revocations) {
    const byRevoker = getOrAdd(byNode, idKey(revocation.node), () => new Map<IdKey, Map<string, CutOff>>());
    const named = getOrAdd(byRevoker, idKey(revocation.revokedBy), () => new Map<string, CutOff>());
    for (const cutOff of namedIn(revocation, store)) named.set(cutOffKey(cutOff), cutOff);
  }
  const listsOf = (byRevoker: ReadonlyMap<IdKey, ReadonlyMap<string, CutOff>>) =>
    [...byRevoker.values()].map((named) => [...named.values()]);
  return new Map([...byNode].map(([node, byRevoker]) => [node, listsOf(byRevoker)]));
}

function keptOf(revocations: readonly CountedRevocation[], store: StoreId, isMeshStore: boolean): EntryRef[] {
  const kept = new Map<string, EntryRef>();
  for (const revocation of revocations) {
    if (isMeshStore) kept.set(cutOffKey(revocation.entry), revocation.entry);
    for (const cutOff of namedIn(revocation, store)) {
      kept.set(`${idKey(revocation.node)}/${cutOffKey(cutOff)}`, { author: revocation.node, ...cutOff });
    }
  }
  return [...kept.values()];
}

function namedIn({ cutOffs }: CountedRevocation, store: StoreId): readonly CutOff[] {
  return cutOffs.find((cutOff) => equalBytes(cutOff.store, store))?.entries ?? [];
}

function cutOffKey({ seq, hash }: CutOff): string {
  return `${seq}/${idKey(hash)}`;
}
