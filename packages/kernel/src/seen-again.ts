import {
  type EntryRef,
  type Hash,
  type IdKey,
  idKey,
  depsMax,
  type LocalRef,
  type NodeId,
} from '@lattice/model';
import { sortedRefs } from './own-branch.js';
import type { ReplicaCore } from './replica-core.js';

/**
 * What an entry that is issued again sees. Its original saw some of that through what is lost, as only what is named tells: what
 * its operations name, and its author's own admission, where that must be seen.
 */
export class SeenAgain {
  readonly #core: ReplicaCore;
  readonly #author: NodeId;
  /** What is gone on from sees all that lies before it. */
  readonly #from: LocalRef | undefined;
  readonly #named = new Set<LocalRef>();
  #byHash: ReadonlyMap<IdKey, LocalRef> | undefined;

  constructor(core: ReplicaCore, author: NodeId, from: LocalRef | undefined) {
    this.#core = core;
    this.#author = author;
    this.#from = from;
  }

  /** What it is to name of what its original named, and of these beside it: what is here. */
  deps(original: readonly EntryRef[], names: readonly Hash[]): readonly EntryRef[] {
    const { index, causality } = this.#core.state.dag;
    const deps = original.filter((dep) => index.find(dep));
    const seeing = deps.flatMap(({ author, seq, hash }) => index.recordOf(author, seq, hash)?.ref ?? []);
    if (this.#from !== undefined) seeing.push(this.#from);
    const refs = new Set([...this.#admissions(), ...names.flatMap((name) => this.#refOf(name) ?? [])]);
    const unnamed = [...refs].filter((ref) => !this.#named.has(ref));
    const beside = causality.unseen(unnamed, seeing).slice(0, depsMax - deps.length);
    for (const ref of beside) this.#named.add(ref);
    const all = [...deps, ...beside.map((ref) => index.info(ref))];
    return sortedRefs(all.map(({ author, seq, hash }) => ({ author, seq, hash })));
  }

  #admissions(): readonly LocalRef[] {
    const { index, counting } = this.#core.state.dag;
    const { spans = [] } = counting.admission.rule(this.#author) ?? {};
    return spans.flatMap(({ behind }) => {
      const place = behind && index.find(behind);
      return place ? [index.refAt(place)] : [];
    });
  }

  /** Own ones that are not here yet come before it on its chain. */
  #refOf(hash: Hash): LocalRef | undefined {
    this.#byHash ??= this.#allByHash();
    return this.#byHash.get(idKey(hash));
  }

  /** A store whose operations name others is the mesh's own, which is small. */
  #allByHash(): ReadonlyMap<IdKey, LocalRef> {
    const { index, nextRef } = this.#core.state.dag;
    const all = new Map<IdKey, LocalRef>();
    for (let ref = 0 as LocalRef; ref < nextRef; ref = (ref + 1) as LocalRef)
      all.set(idKey(index.entry(ref).hash), ref);
    return all;
  }
}
