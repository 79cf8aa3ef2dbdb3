import type { EntryRef } from './entry.js';
import type { Hlc } from './hlc.js';
import type { Hash, IdKey, NodeId } from './ids.js';

/** An entry of a known author in a known store, as a revocation names it. */
export interface CutOff {
  readonly seq: number;
  readonly hash: Hash;
}

/** What lets an author's entries count from some point on. */
export interface AdmissionSpan {
  /** Only entries whose claimed `hlc` is greater. -1 for a mesh's creator. */
  readonly after: Hlc;
  /** Only entries that have this one in their causal past. (So in the mesh store, where the admission itself lies.) */
  readonly behind?: EntryRef;
}

/** When entries of one author count in one store. */
export interface AuthorRule {
  /** An entry counts only if one of these lets it. */
  readonly spans: readonly AdmissionSpan[];
  /**
   * One list for each member that has revoked the author. An entry counts only if, for every list, it is one of the
   * list's present entries or a chain ancestor of one.
   */
  readonly cutOffs: readonly (readonly CutOff[])[];
}

/**
 * Which entries of one store count: a pure function of the mesh store, taken at one moment. The kernel asks it and
 * never decides membership itself.
 */
export interface Admission {
  /** `undefined`: not a member, nothing of this author counts. */
  rule(author: NodeId): AuthorRule | undefined;
  /** The authors that have a rule, for comparing two admissions. */
  authors(): Iterable<IdKey>;
  /** Entries to keep though they may not count: counted revocations, and those that they name as cut-offs. */
  alsoKept(): Iterable<EntryRef>;
}
