import {
  type Admission,
  type AdmissionSpan,
  type EntryRef,
  HashMap,
  type Hlc,
  idKey,
  type IdKey,
  type LocalRef,
  type NodeId,
} from '@lattice/model';
import type { Causality } from './causality.js';
import type { Place } from './chain-table.js';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';

/**
 * Says which entries of the DAG count, under one admission: the mesh store's word on authors, brought together with what
 * of this store is here.
 */
export class Counting {
  readonly #admission: Admission;
  readonly #index: DagIndex;
  readonly #causality: Causality;
  #resolved = new HashMap<ResolvedRule>();
  /** What the admission names and is not here. */
  readonly #awaited = new Set<IdKey>();
  /** What the rules name that were looked up, and is not here. */
  readonly #missing = new Set<IdKey>();

  constructor(admission: Admission, index: DagIndex, causality: Causality) {
    this.#admission = admission;
    this.#index = index;
    this.#causality = causality;
    for (const named of admission.alsoKept()) if (!index.find(named)) this.#awaited.add(idKey(named.hash));
  }

  get admission(): Admission {
    return this.#admission;
  }

  counts(entry: EntryRecord): boolean {
    const rule = this.#rule(this.#index.chains.at(entry.chain).author);
    return (
      rule.spans.some((span) => entry.hlc > span.after && this.#isBehind(entry, span.behind)) &&
      rule.cutOffs.every((list) => list.some((named) => this.#index.chains.leadsTo(entry, named)))
    );
  }

  /** Whether the admission names this entry, which has now come: what its author's entries count for may change with it. */
  awaits(entry: EntryRef): boolean {
    if (this.#awaited.size + this.#missing.size === 0) return false;
    const key = idKey(entry.hash);
    if (this.#missing.delete(key)) this.#resolved = new HashMap();
    return this.#awaited.delete(key);
  }

  #isBehind(entry: EntryRecord, behind: LocalRef | undefined): boolean {
    return behind === undefined || this.#causality.recordSees(entry, behind);
  }

  #rule(author: NodeId): ResolvedRule {
    const known = this.#resolved.get(author);
    if (known) return known;
    const resolved = this.#resolve(author);
    this.#resolved.set(author, resolved);
    return resolved;
  }

  #resolve(author: NodeId): ResolvedRule {
    const rule = this.#admission.rule(author);
    if (!rule) return noMember;
    return {
      spans: rule.spans.flatMap((span) => this.#resolveSpan(span)),
      cutOffs: rule.cutOffs.map((list) => list.flatMap((cutOff) => this.#present({ author, ...cutOff }))),
    };
  }

  #resolveSpan({ after, behind }: AdmissionSpan): readonly ResolvedSpan[] {
    if (!behind) return [{ after, behind: undefined }];
    return this.#present(behind).map((place) => ({ after, behind: this.#index.refAt(place) }));
  }

  #present(named: EntryRef): readonly Place[] {
    const place = this.#index.find(named);
    if (place) return [place];
    this.#missing.add(idKey(named.hash));
    return [];
  }
}

interface ResolvedSpan {
  readonly after: Hlc;
  readonly behind: LocalRef | undefined;
}

interface ResolvedRule {
  readonly spans: readonly ResolvedSpan[];
  readonly cutOffs: readonly (readonly Place[])[];
}

/** Nothing counts that no span lets in. */
const noMember: ResolvedRule = { spans: [], cutOffs: [] };
